/** Bugs that the search for a life in which something does not hold must find: one for each invariant, at least. */
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
    properties: /gives up for nothing/,
    rehearsals: /^escalatesOnlyByIntensity: \/root\S* gives up after \d+ restarts in its period, and \d+ are allowed\.$/
  },
  {
    name: "a crossed limit is shrugged off",
    file: "core/Restart.ts",
    from: "window.count > window.intensity",
    to: "window.count > window.intensity + 1",
    story: "Intensity 0 gives up at the first failure",
    otp: true,
    properties: /crosses its limit and goes on/,
    rehearsals: /^withinIntensity: \/root\S* goes on after \d+ restarts in its period, and \d+ are allowed\.$/
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
    name: "boot does not wait for readiness",
    file: "core/Supervisor.ts",
    from: 'if (first?.phase === "down" && !overtakes) start(tree, sup, first)',
    to: 'for (const child of sup.toStart) if (child.phase === "down" && !child.independent) start(tree, sup, child)',
    story: "Children start in order",
    otp: true,
    properties: /boots before/,
    rehearsals: /^startsInOrder: \/root\S* is started before \/root\S* is ready\.$/
  },
  {
    name: "the group starts before all have fallen",
    file: "core/Supervisor.ts",
    from: "stopInOrder(tree, sup) && sup.mode",
    to: "(stopInOrder(tree, sup) || true) && sup.mode",
    story: "A permanent child crashes while another takes long to die",
    otp: true,
    properties: /starts before .* has fallen|two incarnations/
  },
  {
    name: "RestForOne takes one too few along",
    file: "core/Strategy.ts",
    from: "all.slice(all.indexOf(culprit))",
    to: "[culprit, ...all.slice(all.indexOf(culprit) + 2)]",
    story: "rest_for_one",
    otp: true,
    properties: /has fallen/
  },
  {
    name: "OneForAll is RestForOne",
    file: "core/Strategy.ts",
    from: '"OneForAll" ? all',
    to: '"OneForAll" && all.length < 2 ? all',
    story: "one_for_all",
    otp: true,
    properties: /has fallen/
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
    from: "if (sup.toStop.has(child)) return stopped(tree, sup, child, exit)",
    to: "",
    story: "sup_start_normal",
    otp: true,
    properties: /exited, and then|should be up|two incarnations|is stopped before|for ever|has fallen|starts while|was scaled to/
  },
  {
    name: "news of an old life is believed",
    file: "core/Machine.ts",
    from: " || found.child.record.incarnation !== event.incarnation",
    to: "",
    properties: /for nothing|another life runs|two incarnations|ended twice|thought to be|stray/
  },
  {
    name: "a supervisor ends before its children",
    file: "core/Supervisor.ts",
    from: 'sup.mode === "ending" && sup.toStop.size === 0',
    to: 'sup.mode === "ending"',
    story: "sup_start_normal",
    otp: true,
    properties: /ended before|alive after Finish/,
    rehearsals: /^noOrphans: \/root\S* has ended, and \/root\S* runs\.$/
  },
  {
    name: "the numbers of incarnations start anew",
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
    rehearsals: /^eventuallyUp: \/root\S* is (restarting|starting|down) for ever\.$/
  },
  {
    name: "a backoff is not waited out",
    file: "core/Restart.ts",
    from: "culprit.until = tree.now + delayMs",
    to: "culprit.until = tree.now + delayMs / 2",
    story: "It doubles up to its cap",
    properties: /before its backoff is over/,
    rehearsals: /^backoffInBounds: \/root\S* starts \S+ before its backoff is over\.$/
  },
  {
    name: "a backoff never ends",
    file: "core/ChildEvents.ts",
    from: 'child.phase === "backoff" && tree.now >= child.until',
    to: 'child.phase === "backoff" && tree.now > child.until',
    story: "It doubles up to its cap",
    properties: /for ever|not come to rest/
  },
  {
    name: "a held child falls with its siblings, and comes back",
    file: "core/Strategy.ts",
    from: "child === culprit || !child.record.hold",
    to: "true",
    story: "It stays down when its siblings fall",
    properties: /is held, and started/
  },
  {
    name: "whoever terminates a child is not told",
    file: "core/Child.ts",
    from: 'if (child.askedFor === "terminate") answer(',
    to: 'if (child.askedFor === "terminate") child.tickets = []\n  else answer(',
    story: "A child that backs off is held",
    otp: true,
    properties: /calls unanswered/
  },
  {
    name: "a child that comes up too late loses what it is owed",
    file: "core/ChildEvents.ts",
    from: "if (sup.toStop.has(child)) return //",
    to: "//",
    properties: /should be up/
  },
  {
    name: "nobody minds the end of a significant child",
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
