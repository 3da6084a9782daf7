/** Bugs to be planted in copies of the core: what it is, where, what becomes what, and who should complain in which words. */
export interface Mutant {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
  readonly caughtBy: RegExp
}

export const mutants: ReadonlyArray<Mutant> = [
  { name: "the window is open", file: "Intensity.ts", from: "at < since", to: "at <= since", caughtBy: /counts \d+, there were/ },
  {
    name: "one restart too few is allowed",
    file: "Restart.ts",
    from: "restarts > intensity",
    to: "restarts >= intensity",
    caughtBy: /gives up for nothing/
  },
  {
    name: "a crossed limit is shrugged off",
    file: "Restart.ts",
    from: "restarts > intensity",
    to: "restarts > intensity + 1",
    caughtBy: /crosses its limit and goes on/
  },
  {
    name: "stops first to last",
    file: "Supervisor.ts",
    from: "child.place > last.place",
    to: "child.place < last.place",
    caughtBy: /is stopped before/
  },
  {
    name: "boot does not wait for readiness",
    file: "Supervisor.ts",
    from: 'if (first?.phase === "down" && !overtakes) start(tree, sup, first)',
    to: 'for (const child of sup.owed) if (child.phase === "down" && !child.alone) start(tree, sup, child)',
    caughtBy: /boots before/
  },
  {
    name: "the group starts before all have fallen",
    file: "Supervisor.ts",
    from: "stopInOrder(tree, sup) && sup.mode",
    to: "(stopInOrder(tree, sup) || true) && sup.mode",
    caughtBy: /starts before .* has fallen|two incarnations/
  },
  {
    name: "RestForOne takes one too few along",
    file: "Strategy.ts",
    from: "all.slice(all.indexOf(fallen))",
    to: "[fallen, ...all.slice(all.indexOf(fallen) + 2)]",
    caughtBy: /has fallen/
  },
  {
    name: "OneForAll is RestForOne",
    file: "Strategy.ts",
    from: '"OneForAll" ? all',
    to: '"OneForAll" && all.length < 2 ? all',
    caughtBy: /has fallen/
  },
  {
    name: "a transient child is restarted after success",
    file: "Outcome.ts",
    from: '"transient" && !normal',
    to: '"transient"',
    caughtBy: /transient\) exited/
  },
  {
    name: "a temporary child is restarted",
    file: "Outcome.ts",
    from: 'child.spec.restart === "permanent" ||',
    to: 'child.spec.restart !== "transient" ||',
    caughtBy: /temporary\) exited/
  },
  {
    name: "a stop we wanted is read as a crash",
    file: "Outcome.ts",
    from: "if (sup.condemned.has(child)) return fell(tree, sup, child, exit)",
    to: "",
    caughtBy: /exited, and then|should be up|two incarnations|is stopped before|for ever|has fallen|starts while/
  },
  {
    name: "news of an old life is believed",
    file: "Tree.ts",
    from: " || found.child.ledger.incarnation !== event.incarnation",
    to: "",
    caughtBy: /for nothing|another life runs|two incarnations|ended twice|thought to be|stray/
  },
  {
    name: "a supervisor ends before its children",
    file: "Supervisor.ts",
    from: 'sup.mode === "ending" && sup.condemned.size === 0',
    to: 'sup.mode === "ending"',
    caughtBy: /ended before|alive after Finish/
  },
  {
    name: "the numbers of incarnations start anew",
    file: "Child.ts",
    from: "child.ledger.incarnation++",
    to: "child.ledger.incarnation = 1",
    caughtBy: /goes back/
  },
  {
    name: "a failed restart is not retried",
    file: "Outcome.ts",
    from: 'purpose === "retry" && child.phase === "restarting"',
    to: "purpose === undefined",
    caughtBy: /for ever|not come to rest/
  },
  {
    name: "a backoff is not waited out",
    file: "Restart.ts",
    from: "culprit.until = tree.now + waitMs",
    to: "culprit.until = tree.now + waitMs / 2",
    caughtBy: /before its backoff is over/
  },
  {
    name: "a backoff never ends",
    file: "Outcome.ts",
    from: "tree.now >= child.until",
    to: "tree.now > child.until",
    caughtBy: /for ever|not come to rest/
  },
  {
    name: "a held child falls with its siblings, and comes back",
    file: "Strategy.ts",
    from: "child === fallen || !child.ledger.held",
    to: "true",
    caughtBy: /is held, and started/
  },
  {
    name: "whoever terminates a child is not told",
    file: "Child.ts",
    from: 'if (child.askedFor === "terminate") answer(',
    to: 'if (child.askedFor === "terminate") child.asked = []\n  else answer(',
    caughtBy: /calls unanswered/
  },
  {
    name: "a child that comes up too late loses what it is owed",
    file: "Outcome.ts",
    from: "if (sup.condemned.has(child)) return //",
    to: "//",
    caughtBy: /should be up/
  },
  {
    name: "nobody minds the end of a significant child",
    file: "Outcome.ts",
    from: "!child.spec.significant) return",
    to: "child.spec.significant) return",
    caughtBy: /significant, and nothing followed/
  },
  { name: "jitter comes from nowhere", file: "Backoff.ts", from: "jitter * draw", to: "jitter * Math.random()", caughtBy: /differs/ }
]
