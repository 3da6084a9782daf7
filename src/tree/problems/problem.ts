/**
 * One thing that is wrong with a tree, and where. No library is loaded here: the evaluator of tree files uses it, too.
 */
import { withoutPasswords } from "../redact.ts"

/** One mistake: where, what stood there, what should. */
export interface Problem {
  /** In the tree, by ids, then the field: `/shop/web.restart`. A child without a proper id is `children[2]`. */
  readonly path: string
  /** What stood there: JSON, shortened; or words (`nothing`, `a function`). */
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

const longestFound = 60

/** What stood there, short enough for a line, and without the passwords of addresses. */
export const shown = (value: unknown): string => {
  if (value === undefined) return "nothing"
  const text = typeof value === "string" ? JSON.stringify(value.slice(0, 2 * longestFound)) : (JSON.stringify(value) ?? String(value))
  const told = withoutPasswords(text)
  return told.length <= longestFound ? told : `${told.slice(0, longestFound - 1)}…`
}

/** The path of a place: `/shop/web.start[1]`, `/shop/jobs.child.restart`. `base` is the path of what is above the input. */
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

/** As one would write it in JavaScript. */
const step = (key: PropertyKey): string => {
  if (typeof key === "string") return /^[\w$=:-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
  return `[${String(key)}]`
}

/** A path as two: the node, and what in it. `/shop/jobs.child/web` and `start[1]`. */
export const nodeAndField = (path: string): readonly [node: string, field: string] => {
  const node = /^(?:\/(?:[\w-]+(?:\[\d+\])?)?(?:(?:\.child)+(?=\/))?)*/.exec(path)?.[0] ?? ""
  return [node, path.slice(node.length).replace(/^\./, "")]
}

/** What an id is, and so what a path is made of. */
export const idPattern = /^[A-Za-z][A-Za-z0-9_-]*$/u

const idOf = (value: unknown): string | undefined => {
  const id = at(value, ["id"])
  return typeof id === "string" && idPattern.test(id) ? id : undefined
}

/** In the order of the file. */
export const inOrder = (input: unknown, problems: ReadonlyArray<Located>): ReadonlyArray<Located> =>
  problems
    .map((problem) => ({ problem, place: place(input, problem.keys) }))
    .sort((a, b) => compare(a.place, b.place))
    .map(({ problem }) => problem)

const place = (input: unknown, keys: Keys): ReadonlyArray<number> =>
  keys.map((key, depth) => {
    const parent = at(input, keys.slice(0, depth))
    return typeof key === "number" ? key : isRecord(parent) ? Object.keys(parent).indexOf(String(key)) : 0
  })

const compare = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  const index = a.findIndex((position, depth) => position !== b[depth])
  return index < 0 ? a.length - b.length : a[index]! - (b[index] ?? -1)
}
