/** The schemas of checks: eight kinds, told apart by `type`. */
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { PROBE } from "../defaults.ts"
import type * as Probe from "../Probe.ts"
import { expectation } from "../problems/expectation.ts"
import { longerThanZero, whole, withDefault, words } from "./fields.ts"
import { Bytes } from "./sizes.ts"
import { ExitCodes, Pattern, Start, Text } from "./workerFields.ts"

// ---------------------------------------------------------------- fields

/** `scheme` is a pattern. `example` is also suggested, with the host and port that were found, if any. */
const urlOf = (scheme: string, what: string, example: string) => {
  const prefix = example.replace(/\/\/.*/s, "//")
  const hint = expectation(`${what} such as "${example}"`, (found) => {
    const [, host, path = ""] = /^((?:[A-Za-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?)(\/\S*)?$/i.exec(String(found)) ?? []
    if (typeof found === "number") return isPort(found) ? JSON.stringify(`${prefix}localhost:${found}/`) : undefined
    return host === undefined || !/[.:]|^localhost$/.test(host) ? undefined : JSON.stringify(`${prefix}${host}${path}`)
  })
  const generated = { patterns: [{ source: `^${scheme}:\\/\\/[a-z]{1,9}(:[1-9][0-9]{0,3})?\\/[a-z]{0,9}$`, flags: "" }] as const }
  const pattern = new RegExp(`^${scheme}:\\/\\/[^\\s\\/?#]+([\\/?#]\\S*)?$`, "u")
  return Schema.String.check(
    Schema.isPattern(pattern, { ...hint, arbitraryConstraint: generated }),
    // What does not match the pattern is already reported.
    Schema.makeFilter((url: string) => !pattern.test(url) || URL.canParse(url), hint)
  )
}

const port = "a port from 1 to 65535"
const portHint = expectation(port, (found) => {
  const [, host, number] = /^(?:\w+:\/\/)?(?:(.+):)?(\d{1,5})\/?$/.exec(String(found)) ?? []
  if (typeof found !== "string" || number === undefined) return undefined
  return host === undefined ? number : `${number}, and host: ${JSON.stringify(host)}`
})
const Port = Schema.Number.check(Schema.isInt(portHint), Schema.isBetween({ minimum: 1, maximum: 65_535 }, portHint)).annotate(portHint)
const isPort = Schema.is(Port)

const statusExpected = "a status code from 100 to 599, or a range such as { from: 200, to: 299 }"
const Code = whole(100, 599, "a status code")
/** A single code is written as a number, and is a range like any other after decoding. */
const Status = Schema.Union([Code, Schema.Struct({ from: Code, to: Code })])
  .annotate(
    expectation(statusExpected, (found) => {
      const [, from, to] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(String(found)) ?? []
      if (to !== undefined) return `{ from: ${from}, to: ${to} }`
      const hundreds = /^([1-5])xx$/i.exec(String(found))?.[1]
      return hundreds === undefined ? from : `{ from: ${hundreds}00, to: ${hundreds}99 }`
    })
  )
  .pipe(
    Schema.decodeTo(Schema.toType(Schema.Struct({ from: Code, to: Code })), {
      decode: SchemaGetter.transform((status) => (typeof status === "number" ? { from: status, to: status } : status)),
      encode: SchemaGetter.transform((range) => (range.from === range.to ? range.from : range))
    })
  )

const HeaderName = Schema.String.check(Schema.isPattern(/^[\w!#$%&'*+.^`|~-]+$/u, expectation('a header name, such as "Authorization"')))
const headerText = expectation(
  (found) => (typeof found === "string" ? "text without line breaks, in Latin-1" : "a string"),
  (found) => (typeof found === "number" || typeof found === "boolean" ? JSON.stringify(String(found)) : undefined)
)
const HeaderText = Schema.String.check(Schema.isPattern(/^[\t\x20-\x7e\x80-\xff]*$/u, headerText))
const Headers = Schema.Record(HeaderName, HeaderText).annotate(expectation('headers and their values, such as { Accept: "text/plain" }'))

const coresHint = expectation("a number of cores, from 0.01 to 1024", (found) => {
  const [, count, percent] = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(String(found)) ?? []
  return typeof found !== "string" || count === undefined ? undefined : String(percent === "%" ? Number(count) / 100 : Number(count))
})
const Cores = Schema.Finite.check(Schema.isBetween({ minimum: 0.01, maximum: 1024 }, coresHint)).annotate(coresHint)
const Age = longerThanZero("30 seconds")
/** A path or a name, not empty. */
const named = (what: string) => Text.check(Schema.isNonEmpty(expectation(what)))

// ---------------------------------------------------------------- kinds

const timeout = longerThanZero("1 second").pipe(withDefault(PROBE.timeout))

/**
 * The fields of each kind besides `type`. `more` makes a probe of it; a schema must know all keys at once to refuse any
 * other.
 */
const fields = {
  http: {
    url: urlOf("https?", "an http or https URL", "http://localhost:3000/health"),
    method: words(["GET", "HEAD", "OPTIONS", "POST", "PUT"]).pipe(withDefault<Probe.HttpMethod>("GET")),
    headers: Headers.pipe(withDefault<Probe.HttpCheck["headers"]>({})),
    status: Status.pipe(withDefault<Probe.HttpCheck["status"]>({ from: 200, to: 399 })),
    body: Schema.optionalKey(Pattern),
    insecure: Schema.Boolean.annotate(expectation("true or false")).pipe(withDefault(false)),
    socket: Schema.optionalKey(named("the path of a socket")),
    timeout
  },
  tcp: { port: Port, host: named('a host, such as "127.0.0.1"').pipe(withDefault("127.0.0.1")), timeout },
  unix: { path: named("the path of a socket"), send: Schema.optionalKey(Schema.String), expect: Schema.optionalKey(Pattern), timeout },
  exec: { command: Start, codes: ExitCodes.pipe(withDefault<ReadonlyArray<number>>([0])), timeout },
  file: { path: named("the path of a file"), maxAge: Schema.optionalKey(Age), timeout },
  process: { memory: Schema.optionalKey(Bytes), cpu: Schema.optionalKey(Cores), timeout },
  sql: {
    url: urlOf("postgres(ql)?", "a postgres URL", "postgres://shop@localhost:5432/shop"),
    query: named("a query").pipe(withDefault("select 1")),
    timeout
  },
  log: { pattern: Pattern, maxAge: Age, timeout }
}

/** The kinds of checks whose success can be a heartbeat; of a file, each change is one. */
export const beatSources = [
  Schema.Struct({ type: Schema.Literal("file"), path: fields.file.path, timeout }),
  Schema.Struct({ type: Schema.Literal("http"), ...fields.http }),
  Schema.Struct({ type: Schema.Literal("tcp"), ...fields.tcp }),
  Schema.Struct({ type: Schema.Literal("unix"), ...fields.unix }),
  Schema.Struct({ type: Schema.Literal("exec"), ...fields.exec }),
  Schema.Struct({ type: Schema.Literal("sql"), ...fields.sql })
] as const

/** Every kind of check, each with these additional fields. */
export const checksWith = <F extends Schema.Struct.Fields>(more: F) =>
  [
    Schema.Struct({ type: Schema.Literal("http"), ...fields.http, ...more }),
    Schema.Struct({ type: Schema.Literal("tcp"), ...fields.tcp, ...more }),
    Schema.Struct({ type: Schema.Literal("unix"), ...fields.unix, ...more }),
    Schema.Struct({ type: Schema.Literal("exec"), ...fields.exec, ...more }),
    Schema.Struct({ type: Schema.Literal("file"), ...fields.file, ...more }),
    Schema.Struct({ type: Schema.Literal("process"), ...fields.process, ...more }),
    Schema.Struct({ type: Schema.Literal("sql"), ...fields.sql, ...more }),
    Schema.Struct({ type: Schema.Literal("log"), ...fields.log, ...more })
  ] as const
