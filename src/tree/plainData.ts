/**
 * Is it plain data? Trees are compared, journalled and sent, so what JSON would drop or change in silence (functions, undefined, dates,
 * NaN, cycles) is refused with its place. No library is loaded here: the evaluator of tree files uses it, too.
 */
import { type Keys, type Located, type Problem, pathOf } from "./problems/problem.ts"

/** Objects and lists nested deeper than this are not looked at. (A tree of the deepest kind has 66.) */
const MAX_NESTING = 100
/** Values of any kind in one file. Sharing one object ten times in ten times … would be exponential without a limit. */
const MAX_VALUES = 5_000_000

type Plain = { readonly copy: unknown; readonly problems: ReadonlyArray<Problem> }

/** A copy that is surely plain data (also without getters and proxies), and the places that were not. */
export const plainData = (input: unknown, base = ""): Plain => {
  const problems: Array<Located> = []
  const above: Array<object> = []
  let values = 0

  const refuse = (keys: Keys, found: string, suggestion?: string) => {
    problems.push({ keys, found, expected: "plain data", ...(suggestion === undefined ? {} : { suggestion }) })
  }
  const copyOf = (value: unknown, keys: Keys): unknown => {
    if (++values > MAX_VALUES) {
      if (values === MAX_VALUES + 1)
        problems.push({ keys, found: "one value too many", expected: `at most ${MAX_VALUES} values in a tree` })
      return undefined
    }
    if (value === null || typeof value === "string" || typeof value === "boolean") return value
    if (typeof value === "number" && Number.isFinite(value)) return value
    if (typeof value !== "object") return refuse(keys, ...named(value))
    if (above.includes(value)) return refuse(keys, `a cycle: ${keys.length === 0 ? "the tree" : "an object"} that contains itself`)
    if (above.length >= MAX_NESTING) {
      problems.push({ keys, found: "more objects inside objects", expected: `at most ${MAX_NESTING} levels` })
      return undefined
    }
    above.push(value)
    const copy = copyObject(value, keys)
    above.pop()
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
    // The second test lets objects of another realm in; those of a class have a longer chain.
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return refuse(keys, ...named(value))
    for (const symbol of Object.getOwnPropertySymbols(value)) refuse([...keys, symbol], "a symbol as key")
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item, [...keys, key])]))
  }

  const copy = copyOf(input, [])
  return { copy, problems: problems.map(({ keys, ...problem }) => ({ path: pathOf(copy, keys, base), ...problem })) }
}

/** Constructors that are called without arguments, where the parentheses are easily forgotten. */
const forgotten = new Set(["fd", "running", "linear", "exponential", "adaptive", "breaker"])

/** What it is instead, and what to write. */
const named = (value: unknown): readonly [found: string, suggestion?: string] => {
  switch (typeof value) {
    case "undefined":
      return ["undefined", "leaving the key out"]
    case "function": {
      const called = value.name === "" ? "a function" : `a function (${value.name})`
      return forgotten.has(value.name) ? [called, `${value.name}()`] : [called]
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
