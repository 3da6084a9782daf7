/**
 * What of a tree may leave its owner: a recording is attached to a report, the output of `check --json` is pasted. Each
 * secret is replaced, wherever the name beside it says that it is one. Doing it twice changes nothing, and what is left
 * is still a valid tree: the core, which reads none of these values, decides the same about it.
 */
import { announcesSecret, HIDDEN, isSecret, redactText } from "./redact.ts"

/** Of a spec, decoded or not, an event, an action, or anything else that contains such. A copy. */
export const redactSpec = <A>(value: A): A => redacted(value) as A

function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted)
  if (typeof value !== "object" || value === null) return value
  return mapEntries(value, (key, inner) => (redactors[key] ?? redacted)(inner))
}

const named = (value: unknown): unknown =>
  mapEntries(value as object, (name, inner) => (typeof inner !== "string" ? inner : isSecret(name) ? HIDDEN : redactText(inner)))

/** The word after `--token` is hidden, whatever it looks like. */
const words = (argv: unknown): unknown => {
  if (!Array.isArray(argv)) return redacted(argv)
  let isValue = false
  return argv.map((word: string) => {
    const shown = isValue ? HIDDEN : redactText(word)
    isValue = !isValue && announcesSecret(word)
    return shown
  })
}

/** What a unix check sends may be `AUTH` and a password. */
const sent = (text: unknown): unknown => (typeof text === "string" && isSecret(text) ? HIDDEN : text)
const text = (value: unknown): unknown => (typeof value === "string" ? redactText(value) : redacted(value))

/** By field. Ids, paths and other sentences stay as they are: the core reads them, or writes them anew. */
const redactors: Readonly<Record<string, (value: unknown) => unknown>> = {
  env: named,
  headers: named,
  start: words,
  argv: words,
  command: words,
  url: text,
  send: sent,
  because: text
}

const mapEntries = (object: object, map: (key: string, value: unknown) => unknown): object =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(key, value)]))
