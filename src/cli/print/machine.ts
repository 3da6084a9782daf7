/**
 * For a machine: everything that happens as a line of JSON, and nothing else. Before the end of a tree that should not have ended, there is
 * one line more, with the decision by which it did and the rules that were followed.
 */
import * as Effect from "effect/Effect"
import { sayExit } from "../../core/Sentence.ts"
import type { Control } from "../../runtime/read/Control.ts"
import type { TreeEvent } from "../../runtime/read/TreeEvent.ts"
import { hasFailed } from "../exitCodes.ts"
import { jsonOf } from "./json.ts"
import { makeOutput } from "./Output.ts"
import type { Presenter } from "./Presenter.ts"
import { deciding } from "./report.ts"
import { ruleLines } from "./why.ts"
import { factsOf } from "./whyJson.ts"

export function forMachines(stream: typeof process.stdout): Presenter {
  const output = makeOutput(stream, (lines) => JSON.stringify({ event: "NotShown", lines }))
  const attach = (control: Control["Service"]): void => {
    control.observe((event) => {
      const reason = event._tag === "Ended" && hasFailed(event.exit) ? lastWord(control, event) : undefined
      if (reason !== undefined) output.line(reason)
      output.line(jsonOf(event))
    })
  }
  return { attach, stopping: () => {}, flush: output.flush }
}

function lastWord(control: Control["Service"], { path, exit }: Extract<TreeEvent, { readonly _tag: "Ended" }>): string | undefined {
  const found = deciding(Effect.runSync(control.why(path)))
  if (found === undefined) return undefined
  const { decision } = found
  const message = [`${sayExit(decision.evidence.exit)}; ${path} ${sayExit(exit)}`, ...ruleLines(decision.rules)].join("; ")
  return JSON.stringify({ event: "Decided", ...factsOf(found), message })
}
