import * as JsonSchema from "effect/JsonSchema"
import * as Schema from "effect/Schema"
import * as SchemaRepresentation from "effect/SchemaRepresentation"
import { describe, expect, it } from "vitest"
import { exponential, fd, http, line, log, pool, running, sql, supervisor, tcp, worker } from "../../src/tree/constructors.ts"
import { decodeTreeOrThrow, encodeTree } from "../../src/tree/decode.ts"
import { at, isRecord } from "../../src/tree/problems/problem.ts"
import { jsonSchema } from "../../src/tree/schema/jsonSchema.ts"

// As an editor does: only the JSON Schema decides here.
const document = JsonSchema.fromSchemaDraft2020_12(jsonSchema() as JsonSchema.JsonSchema)
const valid = Schema.is(SchemaRepresentation.fromJsonSchemaDocument(document, { patterns: "apply" }))
const web = worker({ id: "web", start: ["node", "web.js"] })
const shop = (...children: ReadonlyArray<unknown>) => ({ type: "supervisor", id: "shop", children })

/** Calls back with each field of each object, and what the object is: its type, or the field that holds it. */
function walkFields(schema: unknown, visit: (name: string, field: Record<string, unknown>, holder: string) => void, holder = ""): void {
  if (typeof schema !== "object" || schema === null) return
  const { properties, ...rest } = schema as { readonly properties?: Record<string, Record<string, unknown>> }
  const kind = (properties?.type?.enum as ReadonlyArray<string> | undefined)?.[0] ?? holder
  for (const [name, field] of Object.entries(properties ?? {})) {
    visit(name, field, kind)
    walkFields(field, visit, name)
  }
  for (const value of Object.values(rest)) walkFields(value, visit, holder)
}

/** As a description says it: words without quotes, unless they are quantities, paths or queries. */
const said = (value: unknown): string => (typeof value === "string" && /^[a-zA-Z]+$/.test(value) ? value : JSON.stringify(value))

/** Defaults that depend on other fields, or that are told in words. */
const unlike = new Set([
  ...["supervisor.backoff", "worker.backoff", "pool.backoff", "supervisor.onIntensity", "pool.onIntensity"],
  ...["linear.step", "http.status", "heartbeat.hangAfter", "heartbeat.startupGrace"]
])

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

  it("says of every field what it means, and of a quantity how it is written", () => {
    const silent: Array<string> = []
    walkFields(jsonSchema(), (name, field, holder) => {
      const text = String(field.description)
      if (!/^[A-Z].*\.$/.test(text)) silent.push(`${holder}.${name}: ${text}`)
      const isQuantity = JSON.stringify(field).includes("(ms|millis?|s|") && field.type === "string"
      if (isQuantity && !text.includes('A duration: "5 seconds"')) silent.push(`${holder}.${name} has no unit: ${text}`)
    })
    expect(silent).toEqual([])
  })

  it("says the default of every field that has one, as it is", () => {
    const probe = { type: "tcp", port: 1 }
    const backoffs = ["constant", "linear", "exponential", "adaptive"].map((type) => ({
      type,
      ...(type === "constant" ? { delay: "1s" } : {})
    }))
    const checks = [
      ...[
        { type: "http", url: "http://a/" },
        probe,
        { type: "unix", path: "a" },
        { type: "exec", command: ["a"] },
        { type: "file", path: "a" }
      ],
      ...[{ type: "process" }, { type: "sql", url: "postgres://a/a" }, { type: "log", pattern: "a", maxAge: "1s" }]
    ]
    const tree = {
      startGate: {},
      ...shop(
        ...[
          ...backoffs.map((backoff, n) => ({ ...web, id: `b${n}`, backoff })),
          { ...web, health: checks, heartbeat: { every: "1s" }, logs: {} }
        ],
        pool({ id: "pool", size: 1, child: web, breaker: {} })
      )
    }
    const descriptions = new Map<string, string>()
    walkFields(jsonSchema(), (name, field, holder) => descriptions.set(`${holder}.${name}`, String(field.description)))
    const wrong: Array<string> = []
    const compared = new Set<string>()
    const compare = (filled: unknown, written: unknown, holder: string): void => {
      if (Array.isArray(filled)) for (const [n, value] of filled.entries()) compare(value, at(written, [n]), holder)
      if (!isRecord(filled) || !isRecord(written)) return
      const kind = String(filled.type ?? holder)
      for (const [name, value] of Object.entries(filled)) {
        const field = `${kind}.${name}`
        if (written[name] !== undefined) compare(value, written[name], name)
        else if (!unlike.has(field)) {
          compared.add(field)
          if (!descriptions.get(field)?.includes(`Default ${said(value)}`))
            wrong.push(`${field} is ${JSON.stringify(value)}: ${descriptions.get(field)}`)
        }
      }
    }
    compare(encodeTree(decodeTreeOrThrow(tree)), tree, "")
    expect(wrong).toEqual([])
    expect(compared.size).toBeGreaterThan(80)
  })

  it("says what is expected, in the words of the schema", () => {
    const { Worker } = jsonSchema().$defs as { Worker: { properties: Record<string, unknown>; required: unknown } }
    expect(Worker.required).toEqual(["type", "id", "start"])
    expect(Worker.properties.id).toEqual({
      type: "string",
      pattern: "^[A-Za-z][A-Za-z0-9_-]*$",
      description: "Its name among its siblings, and the last part of its path: a letter, then letters, digits, _ and -."
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
      bootConcurrency: "1 to 100000",
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
      keep: "2 to 1000",
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
