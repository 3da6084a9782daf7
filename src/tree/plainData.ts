/**
 * Checks that a value is plain data. Trees are compared, journalled and sent, so what JSON would silently drop or
 * change (functions, undefined, dates, NaN, cycles) is refused with its place. This file loads no library, as the
 * evaluator of tree files uses it, too.
 */
import { type Keys, type Located, type Problem, pathOf } from "./problems/problem.ts"

/** Deeper nesting is not examined. (The deepest possible tree has 66 levels.) */
const MAX_NESTING = 100
/** The most values in one file. An object shared ten times in ten others and so on would grow exponentially. */
const MAX_VALUES = 5_000_000

type PlainData = { readonly copy: unknown; readonly problems: ReadonlyArray<Problem> }

/** A copy that is certainly plain data, without getters and proxies, and the places that were not. */
export const plainData = (input: unknown, base = ""): PlainData => {
  const problems: Array<Located> = []
  const ancestors: Array<object> = []
  let values = 0

  const refuse = (keys: Keys, found: string, suggestion?: string) => {
    problems.push({ keys, found, expected: "plain data", ...(suggestion === undefined ? {} : { suggestion }) })
  }
  const copyOf = (value: unknown, keys: Keys): unknown => {
    if (++values > MAX_VALUES) {
      if (values === MAX_VALUES + 1) problems.push({ keys, found: "too many values", expected: `at most ${MAX_VALUES} values in a tree` })
      return undefined
    }
    if (value === null || typeof value === "string" || typeof value === "boolean") return value
    if (typeof value === "number" && Number.isFinite(value)) return value
    if (typeof value !== "object") return refuse(keys, ...describe(value))
    if (ancestors.includes(value)) return refuse(keys, `a cycle: ${keys.length === 0 ? "the tree" : "an object"} that contains itself`)
    if (ancestors.length >= MAX_NESTING) {
      problems.push({ keys, found: "deeper nesting", expected: `at most ${MAX_NESTING} levels` })
      return undefined
    }
    ancestors.push(value)
    const copy = copyObject(value, keys)
    ancestors.pop()
    return copy
  }
  const copyObject = (value: object, keys: Keys): unknown => {
    try {
      return Array.isArray(value) ? Array.from(value, (item, index) => copyOf(item, [...keys, index])) : copyRecord(value, keys)
    } catch {
      return refuse(keys, "an object that throws when it is read")
    }
  }
  const copyRecord = (value: object, keys: Keys): unknown => {
    const prototype = Object.getPrototypeOf(value)
    // The second test accepts objects of another realm; those of a class have a longer chain.
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return refuse(keys, ...describe(value))
    for (const symbol of Object.getOwnPropertySymbols(value)) refuse([...keys, symbol], "a symbol as key")
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item, [...keys, key])]))
  }

  const copy = copyOf(input, [])
  return { copy, problems: problems.map(({ keys, ...problem }) => ({ path: pathOf(copy, keys, base), ...problem })) }
}

/** Constructors that are called without arguments, so that the parentheses are easily forgotten. */
const callables = new Set(["fd", "notify", "running", "linear", "exponential", "adaptive", "breaker"])

/** Describes what it is instead, and what to write. */
const describe = (value: unknown): readonly [found: string, suggestion?: string] => {
  switch (typeof value) {
    case "undefined":
      return ["undefined", "leaving the key out"]
    case "function": {
      const description = value.name === "" ? "a function" : `a function (${value.name})`
      return callables.has(value.name) ? [description, `${value.name}()`] : [description]
    }
    case "object": {
      const name = value?.constructor?.name
      if (value instanceof Promise) return ["a promise", "await"]
      return [`an object of class ${name === undefined || name === "" ? "?" : name}`]
    }
    case "number":
      return value === Number.POSITIVE_INFINITY ? ["Infinity", '"infinity"'] : [String(value)]
    default:
      return [`a ${typeof value}`]
  }
}
