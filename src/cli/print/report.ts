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
  const rules = ruleLines(finalDecision(why)?.decision.rules ?? [])
  const culprit = culpritOf(exit)
  const words = culprit === undefined ? [] : lastWords(culprit)
  const spoken = words.length === 0 ? [] : [`  last lines of ${culprit} on stderr:`, ...words.map((line) => `    ${line}`)]
  return [`${path} ${brief(exit)}:`, ...chain(exit, wallOf, "  "), ...rules.map((rule) => `  rule: ${rule}`), ...spoken].join("\n")
}

/** The worker whose end came last, deepest in the chain. */
function culpritOf(exit: Exit): string | undefined {
  const cause = exit._tag === "GaveUp" ? exit.window.at(-1) : "cause" in exit ? exit.cause : undefined
  return cause === undefined ? undefined : (culpritOf(cause.exit) ?? cause.path)
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
  return causes.flatMap((cause) => [
    `${indent}${clock(wallOf(cause.at))} ${cause.path} (incarnation ${cause.incarnation}) ${brief(cause.exit)}`,
    ...chain(cause.exit, wallOf, `${indent}  `)
  ])
}
