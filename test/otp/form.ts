/**
 * Is this a scenario? If not: which part is wrong, what it is, and what it should be. For scenarios written by hand.
 */
import type { Scenario } from "./scenario.ts"

/** Undefined if it is right; otherwise such as `steps.2.sup is missing`. */
type Form = (value: unknown, at: string) => string | undefined

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing"
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
const wrong = (value: unknown, at: string, wanted: string): string =>
  value === undefined ? `${at} is missing: it should be ${wanted}` : `${at} is ${shown(value)}, and should be ${wanted}`

const text: Form = (value, at) => (typeof value === "string" ? undefined : wrong(value, at, "a string"))
const flag: Form = (value, at) => (typeof value === "boolean" ? undefined : wrong(value, at, "true or false"))
const count: Form = (value, at) =>
  Number.isInteger(value) && (value as number) >= 0 ? undefined : wrong(value, at, "a whole number, 0 or more")
const anything: Form = (value, at) => (value === undefined ? wrong(value, at, "there") : undefined)
const path: Form = (value, at) =>
  typeof value === "string" && value.startsWith("/") ? undefined : wrong(value, at, 'a path such as "/" or "/a/b"')

const id: Form = (value, at) =>
  typeof value === "string" && /^[A-Za-z][\w-]*$/.test(value)
    ? undefined
    : wrong(value, at, "an id: letters, digits, _ and -, a letter first")
/** Of a child, or `#3` for the third instance of a pool. */
const reference: Form = (value, at) => (typeof value === "string" && /^#\d+$/.test(value) ? undefined : id(value, at))

const oneOf =
  (...words: ReadonlyArray<string>): Form =>
  (value, at) =>
    words.includes(value as string) ? undefined : wrong(value, at, `one of ${words.join(", ")}`)

const optional =
  (form: Form): Form =>
  (value, at) =>
    value === undefined ? undefined : form(value, at)

const list =
  (form: Form): Form =>
  (value, at) => {
    if (!Array.isArray(value)) return wrong(value, at, "a list")
    return first(value.map((one, n) => () => form(one, `${at}.${n}`)))
  }

const record =
  (parts: Readonly<Record<string, Form>>): Form =>
  (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong(value, at, "an object")
    const given = value as Readonly<Record<string, unknown>>
    const below = (name: string) => (at === "the scenario" ? name : `${at}.${name}`)
    const unknown = Object.keys(given).find((name) => !(name in parts))
    if (unknown !== undefined) return `${below(unknown)} means nothing here; what does is ${Object.keys(parts).join(", ")}`
    return first(
      Object.entries(parts).map(
        ([name, form]) =>
          () =>
            form(given[name], below(name))
      )
    )
  }

function first(checks: ReadonlyArray<() => string | undefined>): string | undefined {
  for (const check of checks) {
    const complaint = check()
    if (complaint !== undefined) return complaint
  }
  return undefined
}

// ---------------------------------------------------------------- the language of oracle/README.md

const pair =
  (word: string, form: Form): Form =>
  (value, at) =>
    Array.isArray(value) && value.length === 2 && value[0] === word ? form(value[1], `${at}.1`) : wrong(value, at, `["${word}", …]`)
const start: Form = (value, at) =>
  typeof value === "string"
    ? oneOf("ok", "ok_info", "error", "raise", "bad", "ignore")(value, at)
    : pair("ok_then_exit", anything)(value, at)
const stop: Form = (value, at) => {
  if (typeof value === "string") return oneOf("obey", "ignore")(value, at)
  return Array.isArray(value) && value[0] === "exit" ? pair("exit", anything)(value, at) : pair("delay", count)(value, at)
}

// biome-ignore lint/suspicious/noThenProperty: it is the oracle's word for what comes after `starts`
const behaviour = { starts: optional(list(start)), then: optional(start), stop: optional(stop) }
const shutdown: Form = (value, at) => (typeof value === "string" ? oneOf("infinity", "brutal_kill")(value, at) : count(value, at))

// What OTP would refuse is not checked here: such a scenario is left out, with a reason.
const child: Form = (value, at) =>
  record({
    ...behaviour,
    id: optional(id),
    restart: optional(oneOf("permanent", "transient", "temporary")),
    significant: optional(flag),
    shutdown: optional(shutdown),
    type: optional(text),
    sup: optional(supervisor),
    nostart: optional(flag)
  })(value, at)

const supervisor: Form = (value, at) =>
  record({
    strategy: optional(text),
    intensity: optional(count),
    period: optional(count),
    auto_shutdown: optional(oneOf("never", "any_significant", "all_significant")),
    children: optional(list(child))
  })(value, at)

const named = { id: reference }
const acts: Readonly<Record<string, Readonly<Record<string, Form>>>> = {
  exit: { c: path, why: anything },
  advance: { ms: count },
  which_children: {},
  count_children: {},
  start_child: { spec: child },
  start_dynamic: behaviour,
  terminate_child: named,
  restart_child: named,
  delete_child: named,
  get_childspec: named
}
const alone: typeof acts = {
  stop_sup: { c: path, why: anything },
  retry: { all: optional(flag) },
  dump: {},
  upgrade: { new: optional(anything) },
  check_childspecs: { specs: optional(anything), auto_shutdown: optional(anything) },
  batch: { acts: (value, at) => list(stepOf(acts, true))(value, at) }
}
const elsewhere = ["exit", "advance", "stop_sup", "retry", "dump", "check_childspecs"]

/** In a batch the supervisor is that of the batch, and may be repeated. */
const stepOf =
  (known: typeof acts, inBatch: boolean): Form =>
  (value, at) => {
    const op = (value as { readonly op?: unknown } | null)?.op
    const complaint = oneOf(...Object.keys(known))(op, `${at}.op`)
    if (complaint !== undefined) return complaint
    const sup = elsewhere.includes(op as string) ? {} : { sup: inBatch ? optional(path) : path }
    return record({ op: text, ...sup, ...known[op as string] })(value, at)
  }

const scenario = record({
  id: optional(anything),
  retry: optional(oneOf("auto", "manual")),
  root: supervisor,
  steps: optional(list(stepOf({ ...acts, ...alone }, false)))
})

/** The scenario on this line, or what is wrong with it. */
export function read(line: string): Scenario | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return "it is not JSON"
  }
  return scenario(value, "the scenario") ?? (value as Scenario)
}
