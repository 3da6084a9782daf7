/**
 * Why a node is as it is, for a person: first what it is now, then the decisions, the newest first, each from what was seen to what comes
 * of it.
 *
 * ```
 * /shop/web is up, in its life 2 for 4s.
 *
 * 14:03:59.123 /shop/web (life 1) exited with code 1 after 3s, which is abnormal
 *   rules   restart "permanent"   tree.ts:12
 *           strategy RestForOne   tree.ts:5
 *   window  restart 1 within 30s, 5 allowed
 *           14:03:59.123 /shop/web (life 1) exited with code 1, 4s ago
 *   so      it is started again, and with it: /shop/jobs
 *   next    attempt 1, after 100ms, at 14:03:59.223
 * ```
 */

import { relative } from "node:path"
import type { Exit, Failure } from "../../core/Exit.ts"
import { parentOf } from "../../core/Path.ts"
import { sayExit, sayPending } from "../../core/Sentence.ts"
import type { AppliedRule } from "../../runtime/read/AppliedRule.ts"
import type { Node, Why } from "../../runtime/read/Control.ts"
import { DECISIONS_KEPT, type ExplainedDecision } from "../../runtime/read/DecisionLog.ts"
import { sayDuration } from "../../tree/duration.ts"
import { clock, type Paint } from "./lines.ts"

export function sayWhy(why: Why, paint: Paint): string {
  const told = why.decisions.flatMap((explained) => ["", ...decisionLines(explained, why.now, paint)])
  return [...presentLines(why), ...told, ...missing(why)].join("\n")
}

// ---------------------------------------------------------------- what it is now

function presentLines(why: Why): ReadonlyArray<string> {
  const { path, node, above, silence, rule, commonSilence, now } = why
  const lines = [`${path} ${node === undefined ? sayAbsent(above) : sayPresent(node, why)}.`]
  if (silence !== undefined) {
    const since = node?.suspect === undefined ? "" : ` for ${sayDuration(now - node.suspect.since)}`
    lines.push(`  It is suspect${since}: it ${sayExit({ ...silence, _tag: "Hung" }).replace(/^hung: /, "was ")}.`)
  }
  if (commonSilence !== undefined) lines.push(...commonLines(why, commonSilence))
  if (node?.failingCheck !== undefined) lines.push(`  But ${node.failingCheck}.`)
  if (rule !== undefined) lines.push(...ruleLines([rule]).map((line) => `  ${line}`))
  return lines
}

function commonLines(
  { path, now, at }: Why,
  { supervisor, suspects, of, until }: NonNullable<Why["commonSilence"]>
): ReadonlyArray<string> {
  const who = path === supervisor ? "It has" : "It is one of"
  const ends = path === supervisor ? "it ends" : `${supervisor} ends`
  return [
    `  ${who} ${suspects} of ${of} children that fell silent together: none of them is stopped for it.`,
    `  If they still are, ${ends} in ${sayDuration(Math.max(0, until - now))}, at ${clock(at + until - now)}, at the latest.`
  ]
}

const sayAbsent = (above: Node | undefined): string =>
  above === undefined ? "is gone" : `is not there, because ${above.path} ${above.hold ? "is held down" : `is ${above.phase}`}`

function sayPresent(
  { phase, incarnation, since, until, hold, pendingOn, lastExit }: Node,
  { now, at, conviction, probe, path }: Why
): string {
  const life = `in its life ${incarnation}`
  const soon = until === undefined ? "" : ` in ${sayDuration(Math.max(0, until - now))}, at ${clock(at + until - now)}`
  switch (phase) {
    case "up":
      return `is up, ${life} for ${sayDuration(now - since)}`
    case "starting":
      return `is starting, ${life} for ${sayDuration(now - since)}`
    case "backoff":
      return `waits, and is started again${soon}`
    case "restarting":
      return "is started again at once"
    case "failed":
      return `has failed, and is tried again${soon}`
    case "stopping": {
      const why = conviction === undefined ? "" : `, taken for dead because it ${sayExit(conviction)}`
      return `is being stopped${why}${soon === "" ? "" : `; it is killed${soon}`}`
    }
    case "pending":
      if (probe === path) return "is held, and is the one that is sent ahead of its siblings"
      return `is held: it ${pendingOn === undefined ? "waits" : sayPending(pendingOn)}${probe === undefined ? "" : `; ${probe} is sent ahead`}`
    case "down": {
      if (hold) return "is held down by the operator, until it is started by hand"
      return lastExit === undefined ? "is down" : `is down: it ${sayExit(lastExit)}`
    }
  }
}

function missing({ decisions, more, complete }: Why): ReadonlyArray<string> {
  if (more > 0) return ["", `${more} older ${more === 1 ? "decision is" : "decisions are"} known: --last ${decisions.length + more}`]
  if (decisions.length > 0) return []
  return [complete ? "Nothing has been decided about it yet." : `None of the last ${DECISIONS_KEPT} decisions is about it.`]
}

// ---------------------------------------------------------------- a decision

function decisionLines({ at, decision }: ExplainedDecision, now: number, paint: Paint): ReadonlyArray<string> {
  const { path, incarnation, evidence, rules, window, next } = decision
  const wallOf = (time: number): string => clock(at + time - decision.at)
  const seen = circumstances(decision)
  const counted = window?.failures.map((failure) => `${wallOf(failure.at)} ${sayFailure(failure)}, ${sayDuration(now - failure.at)} ago`)
  return [
    `${paint("dim", clock(at))} ${paint("bold", path)} (life ${incarnation}) ${sayEvidence(evidence)}`,
    ...part("seen", seen === "" ? [] : [seen]),
    ...part("rules", ruleLines(rules)),
    ...part(
      "window",
      window === undefined
        ? []
        : [`restart ${window.count} within ${sayDuration(window.periodMs)}, ${window.intensity} allowed`, ...(counted ?? [])]
    ),
    ...part("so", [sayVerdict(decision)]),
    ...part("next", next === undefined ? [] : [`attempt ${next.attempt}, after ${sayDuration(next.delayMs)}, at ${wallOf(next.at)}`])
  ].map((line) => line.replace(/^ {2}(\w+)/, (_, title: string) => `  ${paint("dim", title)}`))
}

const part = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.map((line, n) => `  ${(n === 0 ? title : "").padEnd(8)}${line}`)

type Decision = ExplainedDecision["decision"]

const sayFailure = ({ path, incarnation, exit }: Failure): string => `${path} (life ${incarnation}) ${sayExit(exit)}`

function sayEvidence({ exit, normal, uptimeMs }: Decision["evidence"]): string {
  const up = uptimeMs === 0 ? "" : isPlain(exit) ? ` after ${sayDuration(uptimeMs)}` : ` (was up ${sayDuration(uptimeMs)})`
  return `${sayExit(exit)}${up}, which ${isPlain(exit) ? "is" : "counts as"} ${normal ? "normal" : "abnormal"}`
}

/** Its own end, and not what somebody has made of it. */
const isPlain = ({ _tag }: Exit): boolean => _tag === "Code" || _tag === "Signal"

function circumstances({ evidence: { score, pressure = 0, siblings = 0 } }: Decision): string {
  const said = [
    score === undefined ? "" : `score ${Math.round(score * 100) / 100}`,
    pressure === 0 ? "" : `the machine was short of CPU or memory: ${Math.round(pressure * 100)} %`,
    siblings === 0 ? "" : `${siblings} ${siblings === 1 ? "sibling" : "siblings"} failed in the same second`
  ]
  return said.filter((part) => part !== "").join("; ")
}

function sayVerdict({ path, outcome }: Decision): string {
  switch (outcome._tag) {
    case "Restart": {
      const others = outcome.first.filter((fallen) => fallen !== path)
      const left = outcome.affected - 1 - others.length
      if (outcome.affected <= 1) return "it is started again"
      return `it is started again, and with it ${others.join(", ")}${left > 0 ? ` and ${left} more` : ""}`
    }
    case "Defer":
      return `it is held, and nothing is counted: it ${sayPending(outcome.by)}`
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
  const said = rules.map(({ key, text }) => `${key} ${text}`.trimEnd())
  const width = Math.max(...said.map(({ length }) => length))
  return rules.map((rule, n) => `${said[n]!.padEnd(width)}  ${sayWhere(rule)}`.trimEnd())
}

/** A file below where we are is named from here. */
function sayWhere({ site, byDefault }: AppliedRule): string {
  const here = site === undefined ? "" : relative(process.cwd(), site.file)
  const file = here.startsWith("..") ? site?.file : here
  return [byDefault === true ? "by default" : "", site === undefined ? "" : `${file}:${site.line}`].filter((part) => part !== "").join("  ")
}
