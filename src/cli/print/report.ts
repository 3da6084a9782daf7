/**
 * Reports why a tree ended that should have stayed up: the chain of exits that led to its end, with times, and the
 * rules that applied, with the lines on which they stand.
 */

import type { Exit, Failure } from "../../core/Exit.ts"
import { parentOf } from "../../core/Path.ts"
import { sayExit } from "../../core/Sentence.ts"
import type { Why } from "../../runtime/read/Control.ts"
import type { ExplainedDecision } from "../../runtime/read/DecisionLog.ts"
import { clock } from "./lines.ts"
import { ruleLines } from "./why.ts"

/**
 * `wallOf` converts a time of the tree's clock to milliseconds since 1970; `why` is about the root. `lastWords`: the
 * last lines that a worker wrote to stderr.
 */
export function report(
  path: string,
  exit: Exit,
  wallOf: (at: number) => number,
  why: Why,
  lastWords: (path: string) => ReadonlyArray<string>
): string {
  const failed = exit._tag === "AllFailed" ? lastFailures(why) : []
  const rules = ruleLines(failed.length > 0 ? limitsOf(failed) : (finalDecision(why)?.decision.rules ?? []))
  const culprit = culpritOf(exit)
  const culprits = failed.length > 0 ? failed.map(({ decision }) => decision.path) : culprit === undefined ? [] : [culprit]
  const spoken = culprits.flatMap((one) => {
    const words = lastWords(one)
    return words.length === 0 ? [] : [`  last lines of ${one} on stderr:`, ...words.map((line) => `    ${line}`)]
  })
  const exits = failed.length > 0 ? failed.flatMap((one) => failureLines(one, wallOf)) : chain(exit, wallOf, "  ")
  return [`${path} ${brief(exit)}:`, ...exits, ...rules.map((rule) => `  rule: ${rule}`), ...spoken].join("\n")
}

/** The worker whose end came last, deepest in the chain. */
function culpritOf(exit: Exit): string | undefined {
  const cause = exit._tag === "GaveUp" ? exit.window.at(-1) : "cause" in exit ? exit.cause : undefined
  return cause === undefined ? undefined : (culpritOf(cause.exit) ?? cause.path)
}

/** Of a tree of which all has failed: when each child was left alone for the last time, oldest first. */
const lastFailures = ({ decisions }: Why): ReadonlyArray<ExplainedDecision> => {
  const byPath = new Map<string, ExplainedDecision>()
  for (const one of decisions)
    if (one.decision.outcome._tag === "Fail" && !byPath.has(one.decision.path)) byPath.set(one.decision.path, one)
  return [...byPath.values()].reverse()
}

/** The exits that counted; without a window it had failed before. */
function failureLines({ decision }: ExplainedDecision, wallOf: (at: number) => number): ReadonlyArray<string> {
  const { path, incarnation, at, evidence, window } = decision
  const exits = window?.failures ?? [{ path, incarnation, at, exit: evidence.exit }]
  return exits.flatMap((cause) => causeLines(cause, wallOf, "  "))
}

/** The limits that were exceeded, each once. */
const limitsOf = (failed: ReadonlyArray<ExplainedDecision>) => {
  const rules = failed.flatMap(({ decision }) => decision.rules).filter(({ key }) => key === "intensity")
  return rules.filter((rule, n) => rules.findIndex(({ path }) => path === rule.path) === n)
}

/** The decision that ended the root. */
export const finalDecision = ({ path, decisions }: Why): ExplainedDecision | undefined =>
  decisions.find(({ decision }) => decision.outcome._tag === "Escalate" && parentOf(decision.path) === path)

/** How it ended, without the cause: that follows in the lines below. */
function brief(exit: Exit): string {
  if (exit._tag === "BootFailed") return "could not boot"
  return exit._tag === "CommonSilence" ? `ended because ${exit.suspects} of its ${exit.of} children fell silent together` : sayExit(exit)
}

function chain(exit: Exit, wallOf: (at: number) => number, indent: string): ReadonlyArray<string> {
  const single = exit._tag === "BootFailed" || exit._tag === "CommonSilence"
  const causes: ReadonlyArray<Failure> = exit._tag === "GaveUp" ? exit.window : single ? [exit.cause] : []
  return causes.flatMap((cause) => causeLines(cause, wallOf, indent))
}

const causeLines = (cause: Failure, wallOf: (at: number) => number, indent: string): ReadonlyArray<string> => [
  `${indent}${clock(wallOf(cause.at))} ${cause.path} (incarnation ${cause.incarnation}) ${brief(cause.exit)}`,
  ...chain(cause.exit, wallOf, `${indent}  `)
]
