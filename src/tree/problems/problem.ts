/** One mistake in a tree, and its place. This file loads no library, as the evaluator of tree files uses it, too. */
import { HIDDEN, isSecret, redactText } from "../redact.ts"

/** One mistake: where, what was found, what was expected. */
export interface Problem {
  /** A path of ids, then the field: `/shop/web.restart`. A child without a valid id is `children[2]`. */
  readonly path: string
  /** What was found: JSON, shortened; or words (`nothing`, `a function`). */
  readonly found: string
  readonly expected: string
  /** What was probably meant. */
  readonly suggestion?: string
}

/** A place in the input: the keys that lead to it. */
export type Keys = ReadonlyArray<PropertyKey>

/** A problem before its path is written in ids. */
export interface Located extends Omit<Problem, "path"> {
  readonly keys: Keys
}

export const unknownKey = "an unknown key"

export const isRecord = (value: unknown): value is Record<PropertyKey, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The value at a place, or undefined. */
export const at = (input: unknown, keys: Keys): unknown =>
  keys.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key) ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input
  )

const MAX_SHOWN_LENGTH = 60

/** What was found, short enough for a line, and without secrets. */
export const shown = (value: unknown): string => {
  if (value === undefined) return "nothing"
  const text =
    typeof value === "string" ? JSON.stringify(redactText(value).slice(0, 2 * MAX_SHOWN_LENGTH)) : JSON.stringify(value, withoutSecrets)
  return text.length <= MAX_SHOWN_LENGTH ? text : `${text.slice(0, MAX_SHOWN_LENGTH - 1)}…`
}

/**
 * The same key by key. A value in a list or an object whose name stands beside it is hidden, too: `["TOKEN", "x"]`,
 * `{ "name": "TOKEN", "value": "x" }`.
 */
const withoutSecrets = (key: string, value: unknown): unknown => {
  if (isSecret(key)) return HIDDEN
  if (typeof value === "string") return redactText(value)
  if (Array.isArray(value)) return value.map((item, i) => (i > 0 && namesSecret(value[i - 1]) ? HIDDEN : item))
  if (isRecord(value) && Object.values(value).some(namesSecret))
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, namesSecret(item) ? item : HIDDEN]))
  return value
}

const namesSecret = (value: unknown): boolean => typeof value === "string" && !/[\s=:]/.test(value) && isSecret(value)

/** The path of a place: `/shop/web.start[1]`, `/shop/jobs.child.restart`. `base` is the path above the input. */
export const pathOf = (input: unknown, keys: Keys, base = ""): string => {
  let [path, rest, value] = [`${base}/${idOf(input) ?? ""}`, keys, input]
  while (rest[0] === "child" || (rest[0] === "children" && typeof rest[1] === "number")) {
    const steps = rest[0] === "child" ? 1 : 2
    value = at(value, rest.slice(0, steps))
    path = steps === 1 ? `${path}.child` : `${path.replace(/\/$/, "")}/${idOf(value) ?? `children[${String(rest[1])}]`}`
    rest = rest.slice(steps)
  }
  return `${path}${rest.map(step).join("")}`
}

/** A key as it is written in JavaScript. */
const step = (key: PropertyKey): string => {
  if (typeof key === "string") return /^[\w$=:-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
  return `[${String(key)}]`
}

/** Splits a path into the node and the place in it: `/shop/jobs.child/web` and `start[1]`. */
export const nodeAndField = (path: string): readonly [node: string, field: string] => {
  const node = /^(?:\/(?:[\w-]+(?:\[\d+\])?)?(?:(?:\.child)+(?=\/))?)*/.exec(path)?.[0] ?? ""
  return [node, path.slice(node.length).replace(/^\./, "")]
}

/** What an id looks like. Paths are made of ids. */
export const idPattern = /^[A-Za-z][A-Za-z0-9_-]*$/u

const idOf = (value: unknown): string | undefined => {
  const id = at(value, ["id"])
  return typeof id === "string" && idPattern.test(id) ? id : undefined
}

/** Sorts problems into the order of the file. */
export const inOrder = (input: unknown, problems: ReadonlyArray<Located>): ReadonlyArray<Located> =>
  problems
    .map((problem) => ({ problem, position: positionOf(input, problem.keys) }))
    .sort((a, b) => compare(a.position, b.position))
    .map(({ problem }) => problem)

const positionOf = (input: unknown, keys: Keys): ReadonlyArray<number> =>
  keys.map((key, depth) => {
    const parent = at(input, keys.slice(0, depth))
    return typeof key === "number" ? key : isRecord(parent) ? Object.keys(parent).indexOf(String(key)) : 0
  })

const compare = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  const index = a.findIndex((index, depth) => index !== b[depth])
  return index < 0 ? a.length - b.length : a[index]! - (b[index] ?? -1)
}
