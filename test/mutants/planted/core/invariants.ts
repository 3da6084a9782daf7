/** Bugs that the search of random trees must find: at least one for each invariant. */
import type { Mutant } from "../../Mutant.ts"

export const invariants: ReadonlyArray<Mutant> = [
  {
    name: "the window is open",
    file: "core/pacing/Intensity.ts",
    from: "at < since",
    to: "at <= since",
    story: "The window is closed",
    otp: true,
    properties: /counts \d+, there were/
  },
  {
    name: "one restart too few is allowed",
    file: "core/Restart.ts",
    from: "window.count > window.intensity",
    to: "window.count >= window.intensity",
    story: "permanent_normal",
    otp: true,
    properties: /(gives up|fails) for nothing/,
    rehearsals: /^escalatesOnlyByIntensity: \/root\S* gives up after \d+ restarts in its period, but \d+ are allowed\.$/
  },
  {
    name: "an exceeded limit is ignored",
    file: "core/Restart.ts",
    from: "window.count > window.intensity",
    to: "window.count > window.intensity + 1",
    story: "Intensity 0 gives up at the first failure",
    otp: true,
    properties: /exceeds its limit and (goes on|is restarted)/,
    rehearsals: /^withinIntensity: \/root\S* continues after \d+ restarts in its period, but \d+ are allowed\.$/
  },
  {
    name: "stops first to last",
    file: "core/Supervisor.ts",
    from: "child.position > last.position",
    to: "child.position < last.position",
    story: "Stopping goes down the tree in reverse",
    otp: true,
    properties: /is stopped before/,
    rehearsals: /^stopsInReverse: \/root\S* is stopped before \/root\S* has ended\.$/
  },
  {
    name: "at boot crashed children wait for each other",
    file: "core/Strategy.ts",
    from: '  areIndependent(sup) || (sup.mode === "booting" && !isGroupStrategy(sup) && child.wasUp)\n',
    to: "  areIndependent(sup) && child !== undefined\n",
    story: "Crashed children do not wait for each other, at boot or after it"
  },
  {
    name: "boot goes on while a crashed child is down",
    file: "core/Supervisor.ts",
    from: '    if (sup.mode === "booting" && child.independent && child.wasUp) return // what comes after it may rely on it\n',
    to: "",
    story: "A child crashes while the next is still starting: boot goes on when it is back"
  },
  {
    name: "boot does not wait for readiness",
    file: "core/Supervisor.ts",
    from: 'if (first?.phase === "down" && !isBootRetrying(sup)) start(tree, sup, first)',
    to: 'for (const child of sup.toStart) if (child.phase === "down" && !child.independent) start(tree, sup, child)',
    story: "Children start in order",
    otp: true,
    properties: /boots before/,
    rehearsals: /^startsInOrder: \/root\S* is started before \/root\S* is ready\.$/
  },
  {
    name: "the group starts before all have stopped",
    file: "core/Supervisor.ts",
    from: "stopInOrder(tree, sup) && sup.mode",
    to: "(stopInOrder(tree, sup) || true) && sup.mode",
    story: "A permanent child crashes while another takes long to stop",
    otp: true,
    properties: /starts before .* has stopped|two incarnations/
  },
  {
    name: "RestForOne stops one child too few",
    file: "core/Strategy.ts",
    from: "all.slice(all.indexOf(culprit))",
    to: "[culprit, ...all.slice(all.indexOf(culprit) + 2)]",
    story: "rest_for_one",
    otp: true,
    properties: /has stopped/
  },
  {
    name: "OneForAll is RestForOne",
    file: "core/Strategy.ts",
    from: '"OneForAll" ? all',
    to: '"OneForAll" && all.length < 2 ? all',
    story: "one_for_all",
    otp: true,
    properties: /has stopped/
  },
  {
    name: "a transient child is restarted after success",
    file: "core/ChildEvents.ts",
    from: '"transient" && !normal',
    to: '"transient"',
    story: "transient_normal",
    otp: true,
    properties: /transient\) exited/
  },
  {
    name: "a temporary child is restarted",
    file: "core/ChildEvents.ts",
    from: 'child.spec.restart === "permanent" ||',
    to: 'child.spec.restart !== "transient" ||',
    story: "temporary_normal",
    otp: true,
    properties: /temporary\) exited/
  },
  {
    name: "a stop we wanted is read as a crash",
    file: "core/ChildEvents.ts",
    from: "if (sup.toStop.has(child)) return stopped(tree, sup, child, exit, usage)",
    to: "",
    story: "sup_start_normal",
    otp: true,
    properties: /exited, and then|should be up|two incarnations|is stopped before|for ever|has stopped|starts while|was scaled to/
  },
  {
    name: "news of an earlier incarnation is believed",
    file: "core/Machine.ts",
    from: " || child.record.incarnation !== event.incarnation",
    to: "",
    properties: /for nothing|another incarnation runs|two incarnations|ended twice|thought to be|stray/
  },
  {
    name: "a supervisor ends before its children",
    file: "core/Supervisor.ts",
    from: 'sup.mode === "ending" && sup.toStop.size === 0',
    to: 'sup.mode === "ending"',
    story: "sup_start_normal",
    otp: true,
    properties: /ended before|alive after Finish/,
    rehearsals: /^noOrphans: \/root\S* has ended, but \/root\S* runs\.$/
  },
  {
    name: "incarnation numbers start from the beginning",
    file: "core/Child.ts",
    from: "child.record.incarnation++",
    to: "child.record.incarnation = 1",
    story: "permanent_normal",
    otp: true,
    properties: /goes back/,
    rehearsals: /^numbersGrow: \/root\S*#1 comes after #1\.$/
  },
  {
    name: "a failed restart is not retried",
    file: "core/ChildEvents.ts",
    from: 'purpose === "retry" && child.phase === "restarting"',
    to: "purpose === undefined",
    story: "A failed restart counts again",
    otp: true,
    properties: /for ever|not come to rest/,
    rehearsals: /^eventuallyUp: \/root\S* is (restarting|starting|down) forever\.$/
  },
  {
    name: "a backoff ends too soon",
    file: "core/Restart.ts",
    from: "culprit.until = tree.now + delayMs",
    to: "culprit.until = tree.now + delayMs / 2",
    story: "A backoff doubles up to its cap",
    properties: /before its backoff is over/,
    rehearsals: /^backoffInBounds: \/root\S* starts \S+ before its backoff is over\.$/
  },
  {
    name: "a backoff never ends",
    file: "core/ChildEvents.ts",
    from: 'child.phase === "backoff" && tree.now >= child.until',
    to: 'child.phase === "backoff" && tree.now > child.until',
    story: "A backoff doubles up to its cap",
    properties: /for ever|not come to rest/
  },
  {
    name: "a child on hold is restarted with its siblings",
    file: "core/Strategy.ts",
    from: "child === culprit || !child.record.hold",
    to: "true",
    story: "On hold it stays down when its siblings are restarted",
    properties: /is on hold, and started/
  },
  {
    name: "a caller that terminates a child is not answered",
    file: "core/Child.ts",
    from: '    answer(tree, child, { _tag: "Done" })\n',
    to: "    child.tickets = []\n",
    story: "A child in backoff is put on hold",
    otp: true,
    properties: /calls unanswered/
  },
  {
    name: "a child that is up too late loses its restart",
    file: "core/ChildEvents.ts",
    from: "if (sup.toStop.has(child)) return //",
    to: "//",
    properties: /should be up/
  },
  {
    name: "the end of a significant child has no effect",
    file: "core/ChildEvents.ts",
    from: "!child.spec.significant) return",
    to: "child.spec.significant) return",
    story: "permanent_shutdown",
    otp: true,
    properties: /significant, and nothing followed/
  },
  {
    name: "jitter comes from nowhere",
    file: "core/pacing/Backoff.ts",
    from: "jitter * draw",
    to: "jitter * Math.random()",
    properties: /differs/
  }
]
