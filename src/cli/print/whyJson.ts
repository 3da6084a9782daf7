/** `why` for machines: a line of JSON for each decision, or one line without a decision. */
import type { Why } from "../../runtime/read/Control.ts"
import type { ExplainedDecision } from "../../runtime/read/DecisionLog.ts"
import { jsonText } from "./terminal.ts"

/**
 * Times are in ISO 8601, durations in milliseconds. `about`: the node that was asked about; `now`: its present state.
 */
export function whyJson(why: Why): ReadonlyArray<string> {
  const present = { about: why.path, now: presentOf(why) }
  if (why.decisions.length === 0) return [jsonText(present)]
  return why.decisions.map((explained) => jsonText({ ...present, ...factsOf(explained) }))
}

/** All fields; times within it, which are of the tree's clock, are converted to wall-clock time. */
export function factsOf({ at, decision }: ExplainedDecision): object {
  const iso = (time: number): string => new Date(at + time - decision.at).toISOString()
  return JSON.parse(JSON.stringify(decision, (key, value) => (key === "at" && typeof value === "number" ? iso(value) : value)))
}

function presentOf({ node, now, holdSince, rule, silence, conviction, commonSilence, probe, above, logFailing }: Why): object {
  const left = node?.until === undefined ? undefined : Math.max(0, node.until - now)
  return {
    state: node?.phase ?? "gone",
    incarnation: node?.incarnation,
    forMs: node && now - node.since,
    hold: node?.hold,
    holdSince: holdSince === undefined ? undefined : new Date(holdSince).toISOString(),
    pendingOn: node?.pendingOn,
    probe,
    retryInMs: node?.phase === "backoff" || node?.phase === "failed" ? left : undefined,
    killInMs: node?.phase === "stopping" ? left : undefined,
    suspect: silence,
    conviction,
    commonSilence: commonSilence && {
      supervisor: commonSilence.supervisor,
      suspects: commonSilence.suspects,
      of: commonSilence.of,
      endsInMs: Math.max(0, commonSilence.until - now)
    },
    failingCheck: node?.failingCheck,
    status: node?.status,
    logFailing: logFailing && { errno: logFailing.errno, since: new Date(logFailing.since).toISOString() },
    lastExit: node?.lastExit,
    rule,
    above: above?.path
  }
}
