/** Bugs in how restarts are paced: the wait of one child, the breaker of a group, needs, the start gate, and who was convicted. */
import type { Mutant } from "../../Mutant.ts"

export const pacing: ReadonlyArray<Mutant> = [
  // ---------------------------------------------------------------- adaptive backoff
  {
    name: "any uptime forgives all",
    file: "core/pacing/Adaptive.ts",
    from: "uptimeMs > 0 ? score * 2 ** (-uptimeMs / halfLife) : score",
    to: "uptimeMs > 0 ? 0 : score",
    story: "Adaptive: uptime forgives, a bit at a time",
    pacing: /comes to rest at/
  },
  {
    name: "a score has no ceiling",
    file: "core/pacing/Adaptive.ts",
    from: "Math.min(highestScore(policy), 1 + remaining(policy, score, uptimeMs))",
    to: "1 + remaining(policy, score, uptimeMs)",
    story: "Adaptive: a long crash loop is forgiven",
    pacing: /never above its ceiling/
  },
  {
    name: "half of it is forgotten in 1.44 half-lives",
    file: "core/pacing/Adaptive.ts",
    from: "2 ** (-uptimeMs / halfLife)",
    to: "Math.exp((-uptimeMs / halfLife) * 0.48)",
    pacing: /comes to rest at/
  },
  {
    name: "a clock that goes back accuses",
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
    name: "jitter adds instead",
    file: "core/pacing/Adaptive.ts",
    from: "1 - jitter * draw",
    to: "1 + jitter * draw",
    pacing: /jitter takes off/
  },
  {
    name: "siblings are not spread",
    file: "core/Restart.ts",
    from: "countRecent(sup.recentFailures, id, tree.now, TOGETHER_MS) - 1",
    to: "0",
    story: "Adaptive: who fails in the same second"
  },
  {
    name: "spread begins before the wait is over",
    file: "core/pacing/Adaptive.ts",
    from: "within(within(pressed * (1 - jitter * draw)) + (spread",
    to: "within(within(pressed * (1 - jitter * draw)) - (spread",
    story: "Adaptive: who fails in the same second",
    pacing: /siblings are spread/
  },
  {
    name: "a wait is longer than the longest",
    file: "core/pacing/Adaptive.ts",
    from: "Math.min(max, Math.max(min, ms))",
    to: "Math.max(min, ms)",
    pacing: /no wait is shorter/
  },
  {
    name: "jitter and spread are one draw",
    file: "core/pacing/Backoff.ts",
    from: "0x811c9dc5 ^ seed",
    to: "0x811c9dc5 ^ (seed < 0 ? ~seed : seed)",
    pacing: /draw independently/
  },
  {
    name: "a restart by hand forgets no score",
    file: "core/Restart.ts",
    from: "  culprit.record.score = 0\n",
    to: "",
    story: "Adaptive: a restart by hand"
  },
  // ---------------------------------------------------------------- who has failed lately
  {
    name: "a herd is for ever",
    file: "core/pacing/RecentFailures.ts",
    from: "if (at >= now - withinMs) break",
    to: "break",
    story: "Failures that are far apart are no herd"
  },
  {
    name: "one that fails twice is two",
    file: "core/pacing/RecentFailures.ts",
    from: "recent.set(id, now)",
    to: "recent.set(`${id} ${now} ${recent.size}`, now)",
    story: "The same one failing again and again"
  },
  // ---------------------------------------------------------------- the breaker
  {
    name: "whom the breaker holds is counted",
    file: "core/Restart.ts",
    from: 'if (deferred === "deferred") return',
    to: 'if (deferred === "deferred" && culprit.pendingOn?._tag === "Need") return',
    story: "Many fail together",
    properties: /was not to be counted|does not come to rest|counted|for ever|the breaker holds it/
  },
  {
    name: "the breaker is patient for ever",
    file: "core/Breaker.ts",
    from: "tree.now - breaker.since >= spec.giveUpAfter",
    to: "tree.now < 0",
    story: "Nobody stays up",
    properties: /was to be counted/
  },
  {
    name: "at the end of its patience everybody is counted",
    file: "core/Breaker.ts",
    from: "wasProbe && isPatienceOver",
    to: "isPatienceOver",
    properties: /was not to be counted/
  },
  {
    name: "a breaker that has counted lets go",
    file: "core/Restart.ts",
    from: 'if (deferred === "counted") return deferForBreaker(tree, sup, sup.breaker!, culprit, evidence, window)\n',
    to: "",
    story: "A limit that is lifted is met"
  },
  {
    name: "the last to fail goes first",
    file: "core/Breaker.ts",
    from: "for (const child of breaker.pending) {",
    to: "for (const child of [...breaker.pending].reverse()) {",
    story: "The one ahead fails, so the next one is sent"
  },
  {
    name: "all who were held come at once",
    file: "core/Breaker.ts",
    from: "Math.ceil(((n + 1) * breaker.spec.release) / pending.length)",
    to: "0",
    story: "Many fail together"
  },
  {
    name: "those who follow do not wait for their turn",
    file: "core/Breaker.ts",
    from: 'child.until = tree.now + delayMs\n    tell(tree, { _tag: "Released"',
    to: 'child.until = tree.now\n    tell(tree, { _tag: "Released"',
    properties: /does not come to rest|before its turn/
  },
  {
    name: "to come up is to stay up",
    file: "core/Breaker.ts",
    from: "tree.now + breaker.spec.stable",
    to: "tree.now",
    story: "Many fail together"
  },
  {
    name: "a few of very many open the breaker",
    file: "core/Breaker.ts",
    from: "failed < spec.failures || failed < spec.share * of",
    to: "failed < spec.failures",
    story: "In a large group it takes more of them"
  },
  {
    name: "who waits out a backoff is not held",
    file: "core/Breaker.ts",
    from: "    deferForBreaker(tree, sup, breaker, child, { exit: child.lastExit",
    to: '    if (sup.mode === "ending") deferForBreaker(tree, sup, breaker, child, { exit: child.lastExit',
    story: "Many fail together"
  },
  {
    name: "one after the other is sent ahead without a pause",
    file: "core/Breaker.ts",
    from: "2 ** Math.min(breaker.probes++, 30)",
    to: "1",
    story: "The one ahead fails, so the next one is sent"
  },
  {
    name: "what opened a breaker opens it again",
    file: "core/Breaker.ts",
    from: "  breaker.recentFailures.clear()\n",
    to: "",
    story: "What opened it does not open it again"
  },
  {
    name: "nobody goes ahead once the one ahead was stopped by hand",
    file: "core/Breaker.ts",
    from: "if (breaker.probe !== undefined && !canStillStart(sup, breaker.probe)) leaveBreaker(sup, breaker.probe)",
    to: "",
    story: "The one ahead is stopped by hand",
    properties: /for ever|does not close|not come to rest/
  },
  // ---------------------------------------------------------------- needs
  {
    name: "a need that is up is waited for",
    file: "core/Needs.ts",
    from: 'if (other.phase === "up") return other.conviction === undefined',
    to: 'if (other.phase === "up") return false',
    story: "Who fell before what it needs",
    properties: /which is up|does not come to rest/
  },
  {
    name: "who was convicted is still of use",
    file: "core/Needs.ts",
    from: "return other.conviction === undefined",
    to: "return true",
    story: "Who needs one that was convicted"
  },
  {
    name: "what has done what it is for is waited for",
    file: "core/Needs.ts",
    from: 'return other.phase === "down" && ',
    to: "return false && ",
    story: "What has done what it is for"
  },
  {
    name: "who waits for a need is not let go",
    file: "core/Supervisor.ts",
    from: "  if (sup.pendingOnNeed.size > 0) resumeReady(tree, sup)\n",
    to: "",
    story: "Who needs a sibling that is down",
    properties: /does not come to rest|for ever/
  },
  {
    name: "what somebody needs comes back, and it waits on",
    file: "core/ChildEvents.ts",
    from: "  hintDependents(tree, sup, child)\n",
    to: "",
    story: "Who fell before what it needs"
  },
  {
    name: "whose need is down is counted",
    file: "core/Restart.ts",
    from: "if (need !== undefined) {",
    to: "if (need !== undefined && tree.now < 0) {",
    story: "Who needs a sibling that is down"
  },
  // ---------------------------------------------------------------- the start gate
  {
    name: "the gate leaks tokens",
    file: "core/Gate.ts",
    from: "    gate.tokens += 1\n",
    to: "",
    story: "Who cannot start when its turn comes"
  },
  {
    name: "the gate saves tokens without end",
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
    story: "So many at once, and then so many a second",
    properties: /should not have let it/,
    pacing: /no closed window/,
    rehearsals: /^startGate: \/root\S* is started, and from .+ to .+ there were as many as the gate allows\.$/
  },
  {
    name: "who is starting is not counted",
    file: "core/Gate.ts",
    from: "gate.starting >= starting || ",
    to: "",
    story: "No more than so many are starting",
    properties: /are starting at once/,
    pacing: /starting at once/
  },
  {
    name: "nobody looks at the gate when there is a token again",
    file: "core/Gate.ts",
    from: '  act(tree, { _tag: "Wake", path: tree.rootPath',
    to: '  if (gate.wakeAt < 0) act(tree, { _tag: "Wake", path: tree.rootPath',
    story: "So many at once, and then so many a second",
    properties: /for ever|not come to rest|no end after Stop|calls unanswered/
  },
  // ---------------------------------------------------------------- who was convicted
  {
    name: "a suspicion outlives the process",
    file: "core/ChildEvents.ts",
    from: "  child.blocked = undefined\n  forgetSuspicion(tree, sup, child)\n",
    to: "  child.blocked = undefined\n",
    properties: /suspects for ever/
  },
  {
    name: "a conviction is not counted",
    file: "core/ChildEvents.ts",
    from: "if (sup.toStop.has(child)) return stopped(tree, sup, child, exit)",
    to: "if (sup.toStop.has(child) || child.conviction !== undefined) return stopped(tree, sup, child, exit)",
    story: "A convict is stopped, and restarted as if"
  },
  {
    name: "a convict exits as it was killed",
    file: "core/ChildEvents.ts",
    from: "const exit = child.conviction?.exit ?? found",
    to: "const exit = found",
    story: "A convict is stopped, and restarted as if",
    properties: /convicted, and exits by/
  },
  {
    name: "the uptime of a convict ends with its death",
    file: "core/ChildEvents.ts",
    from: "(child.conviction?.at ?? tree.now) - child.since",
    to: "tree.now - (child.conviction === undefined ? child.since : Math.min(child.since, child.conviction.at))",
    story: "A convict that does not hear",
    properties: /and is said to have been/
  },
  {
    name: "those who fall silent together are killed one by one",
    file: "core/Suspicion.ts",
    from: 'exit._tag !== "Hung" || others === 0 || watched(sup) < COMMON_FROM',
    to: "others >= 0",
    story: "Two of three fall silent together: nobody is stopped"
  },
  {
    name: "a silence of many never ends",
    file: "core/Suspicion.ts",
    from: "sup.commonSilenceSince = tree.now\n",
    to: "sup.commonSilenceSince = Number.POSITIVE_INFINITY\n",
    story: "Two of three fall silent together: nobody is stopped"
  },
  {
    name: "the silence of before counts for the next one",
    file: "core/Suspicion.ts",
    from: "  if (sup.commonSilenceSince === undefined || silenceOf(sup).isCommon) return\n",
    to: "  if (sup.commonSilenceSince !== undefined) return\n",
    story: "The silence of those who have ended"
  },
  {
    name: "who speaks again is still suspect",
    file: "core/Suspicion.ts",
    from: "tree.now - child.suspect.at })\n  forgetSuspicion(tree, sup, child)",
    to: "tree.now - child.suspect.at })",
    story: "Two of three fall silent together, and speak again",
    properties: /suspects for ever/
  },
  {
    name: "a new life is convicted for the one before",
    file: "core/Child.ts",
    from: "  child.conviction = undefined\n",
    to: "",
    properties: /not convicted, and exits by|which is up|for ever|and is said to have been/
  }
]
