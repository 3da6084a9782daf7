/**
 * Explains a node to a person: first its present state, then the decisions, newest first, each from what was seen to
 * what comes next.
 *
 * ```
 * /shop/web is up, incarnation 2 for 6.2s.
 *
 * 14:03:59.123 /shop/web (incarnation 1) exited with code 1 after 3s, which is abnormal
 *   rules   restart "permanent"                      by default  tree.ts:7
 *           strategy RestForOne                      tree.ts:5
 *           intensity 5 in 30s                       by default  tree.ts:3
 *           backoff exponential 100ms × 2 up to 30s  by default  tree.ts:7
 *   window  restart 1 within 30s, 5 allowed
 *           14:03:59.123 /shop/web (incarnation 1) exited with code 1, 6.3s ago
 *   so      it is started again, and with it /shop/jobs
 *   next    attempt 1, after 88ms, at 14:03:59.211
 * ```
 */

import { relative } from "node:path"
import type { Exit, Failure } from "../../core/Exit.ts"
import { parentOf } from "../../core/Path.ts"
import { sayExit, sayPending, sayStrays } from "../../core/Sentence.ts"
import type { AppliedRule } from "../../runtime/read/AppliedRule.ts"
import type { Node, Why } from "../../runtime/read/Control.ts"
import type { ExplainedDecision } from "../../runtime/read/DecisionLog.ts"
import { DECISIONS_KEPT } from "../../runtime/read/limits.ts"
import { sayDuration } from "../../tree/duration.ts"
import { clock, type Paint } from "./lines.ts"

export function sayWhy(why: Why, paint: Paint): string {
  const decisions = why.decisions.flatMap((explained) => ["", ...decisionLines(explained, why.now, paint)])
  return [...presentLines(why), ...decisions, ...missing(why)].join("\n")
}

// ---------------------------------------------------------------- what it is now

function presentLines(why: Why): ReadonlyArray<string> {
  const { path, node, above, silence, rule, commonSilence, logFailing, now } = why
  const lines = [`${path} ${node === undefined ? sayAbsent(above) : sayPresent(node, why)}.`]
  if (silence !== undefined) {
    const since = node?.suspect === undefined ? "" : ` for ${sayDuration(now - node.suspect.since)}`
    // The sentence of an exit begins with "hung: silent for"; this one is still running, so it "was silent for".
    lines.push(`  It is suspect${since}: it ${sayExit({ ...silence, _tag: "Hung" }).replace(/^hung: /, "was ")}.`)
  }
  if (commonSilence !== undefined) lines.push(...commonLines(why, commonSilence))
  if (node?.failingCheck !== undefined) lines.push(`  But ${node.failingCheck}.`)
  if (node?.status !== undefined) lines.push(`  It says: ${node.status}`)
  if (logFailing !== undefined)
    lines.push(`  Its log cannot be written (${logFailing.errno}), since ${clock(logFailing.since)}; it runs on, and its log catches up.`)
  if (rule !== undefined) lines.push(...ruleLines([rule]).map((line) => `  ${line}`))
  return lines
}

function commonLines(
  { path, now, at }: Why,
  { supervisor, suspects, of, until }: NonNullable<Why["commonSilence"]>
): ReadonlyArray<string> {
  const subject = path === supervisor ? "It has" : "It is one of"
  const ends = path === supervisor ? "it ends" : `${supervisor} ends`
  return [
    `  ${subject} ${suspects} of ${of} children that fell silent together: none of them is stopped for that.`,
    `  If they stay silent, ${ends} in ${sayDuration(Math.max(0, until - now))} at the latest, at ${clock(at + until - now)}.`
  ]
}

const sayAbsent = (above: Node | undefined): string =>
  above === undefined || above.phase === "up" ? "is gone" : `is not running, because ${above.path} ${sayNotUp(above.phase, above.hold)}`

function sayNotUp(phase: Exclude<Node["phase"], "up">, hold: boolean): string {
  if (hold) return "is on hold"
  switch (phase) {
    case "starting":
      return "is starting"
    case "backoff":
      return "is in backoff"
    case "pending":
      return "is pending"
    case "restarting":
      return "is being restarted"
    case "failed":
      return "has failed"
    case "stopping":
      return "is being stopped"
    case "down":
      return "is down"
  }
}

function sayPresent(
  { phase, incarnation, since, until, hold, pendingOn, lastExit }: Node,
  { now, at, holdSince, conviction, probe, path }: Why
): string {
  const current = `incarnation ${incarnation}`
  const soon = until === undefined ? "" : ` in ${sayDuration(Math.max(0, until - now))}, at ${clock(at + until - now)}`
  switch (phase) {
    case "up":
      return `is up, ${current} for ${sayDuration(now - since)}`
    case "starting":
      return `is starting, ${current} for ${sayDuration(now - since)}`
    case "backoff":
      return `waits for its backoff, and is started again${soon}`
    case "restarting":
      return "is started again at once"
    case "failed":
      return `has failed, and is tried again${soon}`
    case "stopping": {
      const reason = conviction === undefined ? "" : `, convicted because it ${sayExit(conviction)}`
      return `is being stopped${reason}${soon === "" ? "" : `; it is killed${soon}`}`
    }
    case "pending":
      if (probe === path) return "is pending; it is started first, as the breaker's probe"
      return [
        `is pending: it ${pendingOn === undefined ? "waits" : sayPending(pendingOn)}`,
        ...(probe === undefined ? [] : [`${probe} is started first, as the breaker's probe`])
      ].join("; ")
    case "down": {
      if (hold) {
        const begin = holdSince ?? at + since - now
        return `is on hold: the operator has kept it down since ${clock(begin)}, for ${sayDuration(Math.max(0, at - begin))}. supervise start ${path} ends that`
      }
      return lastExit === undefined ? "is down" : `is down: it ${sayExit(lastExit)}`
    }
  }
}

function missing({ node, decisions, more, complete }: Why): ReadonlyArray<string> {
  if (more > 0) return ["", `${more} older ${more === 1 ? "decision is" : "decisions are"} known: --last ${decisions.length + more}`]
  if (decisions.length > 0 || node?.hold === true) return []
  return [complete ? "No supervisor has decided anything about it yet." : `None of the last ${DECISIONS_KEPT} decisions is about it.`]
}

// ---------------------------------------------------------------- a decision

function decisionLines({ at, decision }: ExplainedDecision, now: number, paint: Paint): ReadonlyArray<string> {
  const { path, incarnation, evidence, rules, window, next } = decision
  const wallOf = (time: number): string => clock(at + time - decision.at)
  const seen = circumstances(decision)
  const counted = window?.failures.map((failure) => `${wallOf(failure.at)} ${sayFailure(failure)}, ${sayDuration(now - failure.at)} ago`)
  return [
    `${paint("dim", clock(at))} ${paint("bold", path)} (incarnation ${incarnation}) ${sayEvidence(evidence)}`,
    ...part("seen", seen === "" ? [] : [seen]),
    ...part("rules", ruleLines(rules)),
    ...part(
      "window",
      window === undefined
        ? []
        : [`restart ${window.count} within ${sayDuration(window.periodMs)}, ${window.intensity} allowed`, ...(counted ?? [])]
    ),
    ...part("so", [sayOutcome(decision)]),
    ...part("next", next === undefined ? [] : [`attempt ${next.attempt}, after ${sayDuration(next.delayMs)}, at ${wallOf(next.at)}`])
  ].map((line) => line.replace(/^ {2}(\w+)/, (_, title: string) => `  ${paint("dim", title)}`))
}

const part = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.map((line, n) => `  ${(n === 0 ? title : "").padEnd(8)}${line}`)

type Decision = ExplainedDecision["decision"]

const sayFailure = ({ path, incarnation, exit }: Failure): string => `${path} (incarnation ${incarnation}) ${sayExit(exit)}`

function sayEvidence({ exit, normal, uptimeMs }: Decision["evidence"]): string {
  const up = uptimeMs === 0 ? "" : isPlain(exit) ? ` after ${sayDuration(uptimeMs)}` : ` (was up ${sayDuration(uptimeMs)})`
  return `${sayExit(exit)}${up}, which ${isPlain(exit) ? "is" : "counts as"} ${normal ? "normal" : "abnormal"}`
}

/**
 * A process ended, with a code or by a signal. The other exits are failed starts, convictions and ends of supervisors,
 * which "count as" normal or abnormal.
 */
const isPlain = ({ _tag }: Exit): boolean => _tag === "Code" || _tag === "Signal"

function circumstances({ evidence: { score, pressure = 0, siblings = 0, strays } }: Decision): string {
  const facts = [
    strays === undefined ? "" : `it ${sayStrays(strays)}`,
    score === undefined ? "" : `score ${Math.round(score * 100) / 100}`,
    pressure === 0 ? "" : `the machine was short of CPU or memory: ${Math.round(pressure * 100)} %`,
    siblings === 0 ? "" : `${siblings} ${siblings === 1 ? "sibling" : "siblings"} failed in the same second`
  ]
  return facts.filter((part) => part !== "").join("; ")
}

function sayOutcome({ path, outcome }: Decision): string {
  switch (outcome._tag) {
    case "Restart": {
      const others = outcome.first.filter((affected) => affected !== path)
      const left = outcome.affected - 1 - others.length
      if (outcome.affected <= 1) return "it is started again"
      return `it is started again, and with it ${others.join(", ")}${left > 0 ? ` and ${left} more` : ""}`
    }
    case "Defer":
      return `it is pending, and nothing is counted: it ${sayPending(outcome.by)}`
    case "LeaveDown":
      return "it stays down"
    case "Fail":
      return "it has failed: it is left alone, and its siblings stay up"
    case "Escalate":
      return `its supervisor ${parentOf(path)} ends: it ${sayExit(outcome.exit)}`
  }
}

/** `restart "permanent"  tree.ts:12`, one below the other. */
export function ruleLines(rules: ReadonlyArray<AppliedRule>): ReadonlyArray<string> {
  const texts = rules.map(({ key, text }) => `${key} ${text}`.trimEnd())
  const width = Math.max(...texts.map(({ length }) => length))
  return rules.map((rule, n) => `${texts[n]!.padEnd(width)}  ${sayLocation(rule)}`.trimEnd())
}

/** A file below the current folder is named relative to it. */
function sayLocation({ site, byDefault }: AppliedRule): string {
  const nearby = site === undefined ? "" : relative(process.cwd(), site.file)
  const file = nearby.startsWith("..") ? site?.file : nearby
  return [byDefault === true ? "by default" : "", site === undefined ? "" : `${file}:${site.line}`].filter((part) => part !== "").join("  ")
}
