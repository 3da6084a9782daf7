import * as JsonSchema from "effect/JsonSchema"
import * as Schema from "effect/Schema"
import * as SchemaRepresentation from "effect/SchemaRepresentation"
import { describe, expect, it } from "vitest"
import { exponential, fd, http, line, log, pool, running, sql, supervisor, tcp, worker } from "../../src/tree/constructors.ts"
import { jsonSchema } from "../../src/tree/schema/jsonSchema.ts"

// As an editor does: only the JSON Schema decides here.
const document = JsonSchema.fromSchemaDraft2020_12(jsonSchema() as JsonSchema.JsonSchema)
const valid = Schema.is(SchemaRepresentation.fromJsonSchemaDocument(document, { patterns: "apply" }))
const web = worker({ id: "web", start: ["node", "web.js"] })
const shop = (...children: ReadonlyArray<unknown>) => ({ type: "supervisor", id: "shop", children })

describe("the JSON schema", () => {
  it("is a serialisable document of draft 2020-12", () => {
    const document = jsonSchema()
    expect(document.$schema).toBe("https://json-schema.org/draft/2020-12/schema")
    expect(Object.keys(document.$defs as object).sort()).toEqual([
      "Arrays_",
      "Child",
      "Pool",
      "Probe",
      "RootPool",
      "RootSupervisor",
      "Supervisor",
      "Worker"
    ])
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })

  it("allows $schema at the root, and only there", () => {
    const { $defs } = jsonSchema() as { $defs: Record<string, { properties?: object }> }
    const allowing = Object.keys($defs).filter((name) => "$schema" in ($defs[name]?.properties ?? {}))
    expect(allowing.sort()).toEqual(["RootPool", "RootSupervisor"])
  })

  it("says what is expected, in the words of the schema", () => {
    const { Worker } = jsonSchema().$defs as { Worker: { properties: Record<string, unknown>; required: unknown } }
    expect(Worker.required).toEqual(["type", "id", "start"])
    expect(Worker.properties.id).toEqual({
      type: "string",
      pattern: "^[A-Za-z][A-Za-z0-9_-]*$",
      description: "an id: a letter, then letters, digits, _ and -"
    })
    expect(Worker.properties.stopSignal).toMatchObject({ enum: expect.arrayContaining(["SIGTERM", "SIGKILL"]) })
  })

  it("says which numbers a field takes", () => {
    const found = new Map<string, Set<string>>()
    const walk = (at: unknown, field: string): void => {
      if (typeof at !== "object" || at === null) return
      const { minimum, maximum } = at as { minimum?: number; maximum?: number }
      if (minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER)
        found.set(field, (found.get(field) ?? new Set()).add(maximum === undefined ? `${minimum} or more` : `${minimum} to ${maximum}`))
      for (const [key, inner] of Object.entries(at)) {
        if (key === "properties") for (const [name, value] of Object.entries(inner)) walk(value, name)
        else walk(inner, field)
      }
    }
    walk(jsonSchema(), "")
    expect(Object.fromEntries([...found].map(([field, limits]) => [field, [...limits].join(", ")]))).toEqual({
      burst: "1 to 1000000",
      codes: "0 to 255",
      convict: "0.1 to 300",
      cpu: "0.01 to 1024",
      factor: "1 or more, 1.01 to 100",
      failureThreshold: "1 to 1000",
      failures: "2 or more",
      fd: "3 to 255",
      from: "100 to 599",
      intensity: "0 or more",
      jitter: "0 to 1",
      max: "0 to 100000",
      port: "1 to 65535",
      pressure: "0 to 100",
      rate: "0.001 to 1000000",
      share: "0 to 1",
      size: "0 to 100000",
      startRate: "0.001 to 1000000",
      starting: "1 to 1000000",
      status: "100 to 599",
      successCodes: "0 to 255",
      successThreshold: "1 to 1000",
      suspect: "0.1 to 300",
      to: "100 to 599"
    })
  })

  it("allows no other keys", () => {
    const open: Array<unknown> = []
    JSON.stringify(jsonSchema().$defs, (_, value) => {
      if (value?.properties !== undefined && value.additionalProperties !== false) open.push(value)
      return value
    })
    expect(open).toEqual([])
  })

  it.each([
    ["a small tree", supervisor({ id: "shop", children: [web] })],
    ["a tree that names its schema", { $schema: "./tree.schema.json", ...shop(web) }],
    ["a pool of supervisors", pool({ id: "jobs", size: 3, child: supervisor({ id: "job", children: [web] }) })],
    ["readiness and backoff", shop({ ...web, ready: line("up"), backoff: exponential({ cap: "1.5s" }) }, { ...web, ready: fd() })],
    ["probes", shop({ ...web, ready: tcp(5432), health: [http("http://a/", { status: 204 }), log("ok", { maxAge: "1m" })] })],
    ["one probe", shop({ ...web, health: running({ memory: "512 MiB", cpu: 1.5, onFailure: "report" }) })],
    ["heartbeats", shop({ ...web, heartbeat: { every: "1s" } }, { ...web, heartbeat: { every: "1s", from: sql("postgres://a/") } })],
    ["durations and words", shop({ ...web, shutdown: "brutalKill", startTimeout: "infinity", env: { A: "1", B: null } })]
  ])("accepts %s", (_, tree) => {
    expect(valid(tree)).toBe(true)
  })

  it.each([
    ["a worker as the root", web],
    ["a misspelt word", { ...shop(), strategy: "one_for_all" }],
    ["an id with a space", { ...shop(), id: "my shop" }],
    ["a duration without a unit", { ...shop(), period: 5000 }],
    ["a duration of an unknown unit", { ...shop(), period: "5 weeks" }],
    ["an empty command", shop({ ...web, start: [] })],
    ["a child of an unknown type", shop({ ...web, type: "service" })],
    ["a probe of an unknown kind", shop({ ...web, health: { type: "grpc" } })],
    ["a URL without its scheme", shop({ ...web, health: http("localhost") })],
    ["a size without its unit", shop({ ...web, health: { type: "process", memory: 512 } })],
    ["a heartbeat without an interval", shop({ ...web, heartbeat: {} })],
    ["a pool that is too large", { type: "pool", id: "jobs", size: 100_001, child: web }]
  ])("refuses %s", (_, tree) => {
    expect(valid(tree)).toBe(false)
  })
})
