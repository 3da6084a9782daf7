/**
 * Output for machines: every event as a line of JSON, and nothing else. When a tree ends that should not have ended,
 * the line before the last is the decision that ended it, with the rules that applied.
 */
import * as Effect from "effect/Effect"
import { sayExit } from "../../core/Sentence.ts"
import type { Control } from "../../runtime/read/Control.ts"
import type { TreeEvent } from "../../runtime/read/TreeEvent.ts"
import { hasFailed } from "../exitCodes.ts"
import { errors } from "./errors.ts"
import { jsonOf } from "./json.ts"
import { makeOutput } from "./Output.ts"
import type { Presenter } from "./Presenter.ts"
import { finalDecision } from "./report.ts"
import { jsonText } from "./terminal.ts"
import { ruleLines } from "./why.ts"
import { factsOf } from "./whyJson.ts"

export function forMachines(stream: typeof process.stdout): Presenter {
  const output = makeOutput(stream, (lines) => JSON.stringify({ event: "NotShown", lines }))
  const attach = (control: Control["Service"]): void => {
    control.observe((event) => {
      const decision = event._tag === "Ended" && hasFailed(event.exit) ? finalDecisionLine(control, event) : undefined
      if (decision !== undefined) output.line(decision)
      output.line(jsonOf(event))
    })
  }
  return { remark: errors.line, attach, stopping: () => {}, flush: output.flush }
}

function finalDecisionLine(
  control: Control["Service"],
  { path, exit }: Extract<TreeEvent, { readonly _tag: "Ended" }>
): string | undefined {
  const found = finalDecision(Effect.runSync(control.why(path)))
  if (found === undefined) return undefined
  const { decision } = found
  const message = [`${sayExit(decision.evidence.exit)}; ${path} ${sayExit(exit)}`, ...ruleLines(decision.rules)].join("; ")
  return jsonText({ event: "Decided", ...factsOf(found), message })
}
