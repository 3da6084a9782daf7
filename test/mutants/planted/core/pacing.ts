/** Bugs in pacing: adaptive backoff, the breaker, needs and the start gate; and in convictions. */
import type { Mutant } from "../../Mutant.ts"

export const pacing: ReadonlyArray<Mutant> = [
  // ---------------------------------------------------------------- adaptive backoff
  {
    name: "any uptime resets the score",
    file: "core/pacing/Adaptive.ts",
    from: "uptimeMs > 0 ? score * 2 ** (-uptimeMs / halfLife) : score",
    to: "uptimeMs > 0 ? 0 : score",
    story: "Adaptive: uptime lowers the score gradually",
    pacing: /comes to rest at/
  },
  {
    name: "a score has no maximum",
    file: "core/pacing/Adaptive.ts",
    from: "Math.min(highestScore(policy), 1 + remaining(policy, score, uptimeMs))",
    to: "1 + remaining(policy, score, uptimeMs)",
    story: "Adaptive: a long crash loop is forgiven",
    pacing: /never above its ceiling/
  },
  {
    name: "a score is halved in 1.44 half-lives",
    file: "core/pacing/Adaptive.ts",
    from: "2 ** (-uptimeMs / halfLife)",
    to: "Math.exp((-uptimeMs / halfLife) * 0.48)",
    pacing: /comes to rest at/
  },
  {
    name: "a clock that goes back raises the score",
    file: "core/pacing/Adaptive.ts",
    from: "uptimeMs > 0 ? score * 2 ** (-uptimeMs / halfLife) : score",
    to: "score * 2 ** (-uptimeMs / halfLife)",
    pacing: /none, negative or endless/
  },
  {
    name: "a machine that is short of memory starts sooner",
    file: "core/pacing/Adaptive.ts",
    from: "base * (1 + policy.pressure *",
    to: "base * (1 - 0.1 * policy.pressure *",
    pacing: /shorter of CPU or memory/
  },
  {
    name: "adaptive: jitter adds to the delay",
    file: "core/pacing/Adaptive.ts",
    from: "1 - jitter * draw",
    to: "1 + jitter * draw",
    pacing: /jitter takes off/
  },
  {
    name: "adaptive: siblings are not spread",
    file: "core/Restart.ts",
    from: "countRecent(sup.recentFailures, id, tree.now, TOGETHER_MS) - 1",
    to: "0",
    story: "Adaptive: siblings that fail in the same second are spread"
  },
  {
    name: "adaptive: the spread shortens the delay",
    file: "core/pacing/Adaptive.ts",
    from: "within(within(pressed * (1 - jitter * draw)) + (spread",
    to: "within(within(pressed * (1 - jitter * draw)) - (spread",
    story: "Adaptive: siblings that fail in the same second are spread",
    pacing: /siblings are spread/
  },
  {
    name: "adaptive: a delay is longer than the maximum",
    file: "core/pacing/Adaptive.ts",
    from: "Math.min(max, Math.max(min, ms))",
    to: "Math.max(min, ms)",
    pacing: /no wait is shorter/
  },
  {
    name: "jitter and spread use the same draw",
    file: "core/pacing/Backoff.ts",
    from: "0x811c9dc5 ^ seed",
    to: "0x811c9dc5 ^ (seed < 0 ? ~seed : seed)",
    pacing: /draw independently/
  },
  {
    name: "a restart by hand does not reset the score",
    file: "core/Restart.ts",
    from: "  culprit.record.score = 0\n",
    to: "",
    story: "Adaptive: a restart by hand"
  },
  // ---------------------------------------------------------------- recent failures
  {
    name: "recent failures are never forgotten",
    file: "core/pacing/RecentFailures.ts",
    from: "if (at >= now - withinMs) break",
    to: "break",
    story: "Failures that are far apart do not open it"
  },
  {
    name: "a child that fails twice counts as two",
    file: "core/pacing/RecentFailures.ts",
    from: "recent.set(id, now)",
    to: "recent.set(`${id} ${now} ${recent.size}`, now)",
    story: "One child that fails again and again does not open it"
  },
  // ---------------------------------------------------------------- the breaker
  {
    name: "a child that the breaker defers is counted",
    file: "core/Restart.ts",
    from: 'if (deferred === "deferred") return',
    to: 'if (deferred === "deferred" && culprit.pendingOn?._tag === "Need") return',
    story: "Many fail together",
    properties: /was not to be counted|does not come to rest|counted|for ever|the breaker defers it/
  },
  {
    name: "the breaker of a supervisor opens while it boots",
    file: "core/Restart.ts",
    from: "if (breaker === undefined || !areIndependent(sup)) return",
    to: "if (breaker === undefined || !isAlone) return",
    story: "The breaker of a supervisor does not open before it has booted"
  },
  {
    name: "the breaker never counts a failed probe",
    file: "core/Breaker.ts",
    from: "tree.now - breaker.since >= spec.giveUpAfter",
    to: "tree.now < 0",
    story: "No child stays up: after giveUpAfter each failed probe is counted",
    properties: /was to be counted/
  },
  {
    name: "after giveUpAfter all pending children are counted",
    file: "core/Breaker.ts",
    from: "wasProbe && isPatienceOver",
    to: "isPatienceOver",
    properties: /was not to be counted/
  },
  {
    name: "a counted probe is no longer pending",
    file: "core/Restart.ts",
    from: 'if (deferred === "counted") return deferForBreaker(tree, sup, sup.breaker!, culprit, evidence, window)\n',
    to: "",
    story: "Without a limit one probe is started every few seconds"
  },
  {
    name: "the last child to fail is the first probe",
    file: "core/Breaker.ts",
    from: "for (const child of breaker.pending) {",
    to: "for (const child of [...breaker.pending].reverse()) {",
    story: "The probe fails, so the next child is the probe"
  },
  {
    name: "all pending children are released at once",
    file: "core/Breaker.ts",
    from: "Math.ceil(((n + 1) * breaker.spec.release) / pending.length)",
    to: "0",
    story: "Many fail together"
  },
  {
    name: "released children do not wait for their turn",
    file: "core/Breaker.ts",
    from: 'child.until = tree.now + delayMs\n    tell(tree, { _tag: "Released"',
    to: 'child.until = tree.now\n    tell(tree, { _tag: "Released"',
    properties: /does not come to rest|before its turn/
  },
  {
    name: "the breaker closes as soon as the probe is up",
    file: "core/Breaker.ts",
    from: "tree.now + breaker.spec.stable",
    to: "tree.now",
    story: "Many fail together"
  },
  {
    name: "a few failures in a large group open the breaker",
    file: "core/Breaker.ts",
    from: "failed < spec.failures || failed < spec.share * of",
    to: "failed < spec.failures",
    story: "In a large group more failures are needed"
  },
  {
    name: "a child in backoff is not deferred when the breaker opens",
    file: "core/Breaker.ts",
    from: "    deferForBreaker(tree, sup, breaker, child, { exit: child.lastExit",
    to: '    if (sup.mode === "ending") deferForBreaker(tree, sup, breaker, child, { exit: child.lastExit',
    story: "Many fail together"
  },
  {
    name: "probes are started without a pause",
    file: "core/Breaker.ts",
    from: "2 ** Math.min(breaker.probes++, 30)",
    to: "1",
    story: "The probe fails, so the next child is the probe"
  },
  {
    name: "the failures that opened a breaker open it again",
    file: "core/Breaker.ts",
    from: "  breaker.recentFailures.clear()\n",
    to: "",
    story: "The failures that opened it do not open it again"
  },
  {
    name: "there is no new probe when the probe was stopped by hand",
    file: "core/Breaker.ts",
    from: "if (breaker.probe !== undefined && !canStillStart(sup, breaker.probe)) leaveBreaker(sup, breaker.probe)",
    to: "",
    story: "The probe is stopped by hand",
    properties: /for ever|does not close|not come to rest/
  },
  // ---------------------------------------------------------------- needs
  {
    name: "a need that is up is waited for",
    file: "core/Needs.ts",
    from: 'if (other.phase === "up") return other.conviction === undefined',
    to: 'if (other.phase === "up") return false',
    story: "A child that failed before its need does not wait any longer once that is ready",
    properties: /which is up|does not come to rest/
  },
  {
    name: "a convicted need counts as met",
    file: "core/Needs.ts",
    from: "return other.conviction === undefined",
    to: "return true",
    story: "A need that was convicted is waited for"
  },
  {
    name: "a need that has finished is waited for",
    file: "core/Needs.ts",
    from: 'return other.phase === "down" && ',
    to: "return false && ",
    story: "A need that has finished or was removed is not waited for"
  },
  {
    name: "a child that waits for a need is never resumed",
    file: "core/Supervisor.ts",
    from: "  if (sup.pendingOnNeed.size > 0) resumeReady(tree, sup)\n",
    to: "",
    story: "A child whose need is down waits for it",
    properties: /does not come to rest|for ever/
  },
  {
    name: "a child in backoff gets no hint when its need is up",
    file: "core/ChildEvents.ts",
    from: "  hintDependents(tree, sup, child)\n",
    to: "",
    story: "A child that failed before its need does not wait any longer once that is ready"
  },
  {
    name: "a child whose need is down is counted",
    file: "core/Restart.ts",
    from: "if (need !== undefined) {",
    to: "if (need !== undefined && tree.now < 0) {",
    story: "A child whose need is down waits for it"
  },
  // ---------------------------------------------------------------- the start gate
  {
    name: "the gate leaks tokens",
    file: "core/Gate.ts",
    from: "    gate.tokens += 1\n",
    to: "",
    story: "A child that cannot start when its turn comes takes no token"
  },
  {
    name: "the gate saves tokens without a limit",
    file: "core/Gate.ts",
    from: "Math.min(burst, gate.tokens + ((now - gate.at) * rate) / 1000)",
    to: "gate.tokens + ((now - gate.at) * rate) / 1000",
    story: "After a long pause",
    pacing: /no closed window/
  },
  {
    name: "a start takes half a token",
    file: "core/Gate.ts",
    from: "gate.tokens -= 1",
    to: "gate.tokens -= 0.5",
    story: "A burst at once, then a fixed number a second",
    properties: /should not have let it/,
    pacing: /no closed window/,
    rehearsals: /^startGate: \/root\S* is started, but from .+ to .+ there were as many starts as the gate allows\.$/
  },
  {
    name: "the gate does not count starting processes",
    file: "core/Gate.ts",
    from: "gate.starting >= starting || ",
    to: "",
    story: "No more than a fixed number are starting at once",
    properties: /are starting at once/,
    pacing: /starting at once/
  },
  {
    name: "the gate does not open when there is a token again",
    file: "core/Gate.ts",
    from: '  act(tree, { _tag: "Wake", path: tree.rootPath',
    to: '  if (gate.wakeAt < 0) act(tree, { _tag: "Wake", path: tree.rootPath',
    story: "A burst at once, then a fixed number a second",
    properties: /for ever|not come to rest|no end after Stop|calls unanswered/
  },
  // ---------------------------------------------------------------- convictions
  {
    name: "a suspicion outlives the process",
    file: "core/ChildEvents.ts",
    from: "  child.blocked = undefined\n  forgetSuspicion(tree, sup, child)\n",
    to: "  child.blocked = undefined\n",
    properties: /suspects for ever|which is gone/
  },
  {
    name: "a conviction is not counted",
    file: "core/ChildEvents.ts",
    from: "if (sup.toStop.has(child)) return stopped(tree, sup, child, exit, usage)",
    to: "if (sup.toStop.has(child) || child.conviction !== undefined) return stopped(tree, sup, child, exit, usage)",
    story: "A convicted child is stopped"
  },
  {
    name: "the exit of a convicted child is that of its process",
    file: "core/ChildEvents.ts",
    from: "const exit = child.conviction?.exit ?? found",
    to: "const exit = found",
    story: "A convicted child is stopped",
    properties: /convicted, and exits by/
  },
  {
    name: "the uptime of a convicted child ends with its exit",
    file: "core/ChildEvents.ts",
    from: "(child.conviction?.at ?? tree.now) - child.since",
    to: "tree.now - (child.conviction === undefined ? child.since : Math.min(child.since, child.conviction.at))",
    story: "A convicted child that ignores the stop is counted when it has been killed",
    properties: /and is said to have been/
  },
  {
    name: "children that are silent together are killed one by one",
    file: "core/Suspicion.ts",
    from: 'exit._tag !== "Hung" || others === 0 || watched(sup) < COMMON_FROM',
    to: "others >= 0",
    story: "Two of three are silent together: none is stopped"
  },
  {
    name: "common silence never ends",
    file: "core/Suspicion.ts",
    from: "sup.commonSilenceSince = tree.now\n",
    to: "sup.commonSilenceSince = Number.POSITIVE_INFINITY\n",
    story: "Two of three are silent together: none is stopped"
  },
  {
    name: "an earlier common silence counts for the next one",
    file: "core/Suspicion.ts",
    from: "  if (sup.commonSilenceSince === undefined || silenceOf(sup).isCommon) return\n",
    to: "  if (sup.commonSilenceSince !== undefined) return\n",
    story: "Common silence ends with the children"
  },
  {
    name: "a suspect is not cleared by a heartbeat",
    file: "core/Suspicion.ts",
    from: "tree.now - child.suspect.at })\n  forgetSuspicion(tree, sup, child)",
    to: "tree.now - child.suspect.at })",
    story: "Two of three are silent together, and heard again",
    properties: /suspects for ever/
  },
  {
    name: "a new incarnation is convicted for the one before",
    file: "core/Child.ts",
    from: "  child.conviction = undefined\n",
    to: "",
    properties: /starts, and is convicted|not convicted, and exits by|which is up|for ever|and is said to have been/
  }
]
