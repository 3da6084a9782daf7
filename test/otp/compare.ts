/**
 * npx node test/otp/compare.ts scenarios.jsonl oracle.jsonl ours.jsonl [how many differences to show, 3]
 *
 * Compares traces line by line as parsed JSON. What OTP leaves unordered is sorted first: the children of a pool in an
 * answer, and what the supervisors in a pool do while it stops them all at once.
 */
import { readFileSync } from "node:fs"
import { isDeepStrictEqual } from "node:util"
import type { Scenario, Term, Trace, TraceEvent } from "./scenario.ts"

export interface Summary {
  readonly scenarios: number
  readonly compared: number
  readonly leftOut: Readonly<Record<string, number>>
  /** For each: the scenario, where it differs first, and what the two say there. */
  readonly differences: ReadonlyArray<Difference>
}

export interface Difference {
  readonly scenario: Scenario
  readonly at: string
  readonly oracle: unknown
  readonly ours: unknown
}

type Line = Partial<Trace> & { readonly left_out?: string; readonly replay_error?: string; readonly oracle_error?: string }

export function compare(scenarios: ReadonlyArray<Scenario>, oracle: ReadonlyArray<object>, ours: ReadonlyArray<object>): Summary {
  if (oracle.length !== scenarios.length || ours.length !== scenarios.length) {
    throw new Error(`${scenarios.length} scenarios, ${oracle.length} traces of the oracle, ${ours.length} of ours`)
  }
  const leftOut: Record<string, number> = {}
  const differences: Array<Difference> = []
  for (const [i, scenario] of scenarios.entries()) {
    const [theirs, mine] = [oracle[i] as Line, ours[i] as Line]
    if (mine.left_out !== undefined) leftOut[mine.left_out] = (leftOut[mine.left_out] ?? 0) + 1
    else differences.push(...first(scenario, theirs, mine))
  }
  const dropped = Object.values(leftOut).reduce((sum, n) => sum + n, 0)
  return { scenarios: scenarios.length, compared: scenarios.length - dropped, leftOut, differences }
}

function first(scenario: Scenario, oracle: Line, ours: Line): ReadonlyArray<Difference> {
  if (oracle.oracle_error !== undefined || ours.replay_error !== undefined) {
    return [{ scenario, at: "an error", oracle: oracle.oracle_error, ours: ours.replay_error }]
  }
  const [theirs, mine] = [parts(oracle as Trace), parts(ours as Trace)]
  const n = theirs.findIndex(([, part], i) => !isDeepStrictEqual(part, mine[i]?.[1]))
  return n < 0 ? [] : [{ scenario, at: theirs[n]![0], oracle: theirs[n]![1], ours: mine[n]?.[1] }]
}

const parts = ({ boot, steps, final, teardown }: Trace): ReadonlyArray<readonly [string, unknown]> => [
  ["boot", concurrent(boot)],
  ...steps.map((step, n) => [`step ${n}`, { ...step, ret: unordered(step.ret ?? null), trace: concurrent(step.trace) }] as const),
  ["final", final],
  ["teardown", concurrent(teardown)]
]

const byText = (a: unknown, b: unknown): number => (text(a) < text(b) ? -1 : 1)
/** Equal for equal values, whatever the order of the keys. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part
  )

/** Only which_children of a pool is a list of triples that begin with "undefined". */
function unordered(ret: Term): Term {
  if (!Array.isArray(ret)) return ret
  const isPool = ret.length > 0 && ret.every((one) => Array.isArray(one) && one[0] === "undefined")
  return isPool ? [...ret].sort(byText) : ret.map(unordered)
}

function concurrent(trace: ReadonlyArray<TraceEvent>): ReadonlyArray<TraceEvent> {
  const from = trace.findIndex((event) => event.e === "stopping_dynamic")
  if (from < 0) return trace
  const to = trace.findIndex((event, n) => n > from && event.e === "stopped_dynamic" && event.sup === trace[from]!.sup)
  if (to < 0) return trace
  const [before, during, after] = [trace.slice(0, from + 1), trace.slice(from + 1, to), trace.slice(to)]
  return [...before, ...during.toSorted(byText), ...concurrent(after)]
}

export function say({ scenarios, compared, leftOut, differences }: Summary, show: number): string {
  const shown = differences
    .slice(0, show)
    .map(({ scenario, at, oracle, ours }) => `${text(scenario)}\n  at ${at}\n  OTP:  ${text(oracle)}\n  ours: ${text(ours)}`)
  const dropped = Object.entries(leftOut).map(([reason, n]) => `  left out, ${reason}: ${n}`)
  return [...shown, `${scenarios} scenarios, ${compared} compared, ${differences.length} differ`, ...dropped].join("\n")
}

if (import.meta.main) {
  const [scenarios, oracle, ours, show = "3"] = process.argv.slice(2)
  const read = (file: string | undefined) =>
    readFileSync(file!, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  const summary = compare(read(scenarios), read(oracle), read(ours))
  console.log(say(summary, Number(show)))
  process.exitCode = summary.differences.length > 0 ? 1 : 0
}
