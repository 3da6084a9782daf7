/** Bugs in counting, giving up, restarting and backoff. */
import type { Mutant } from "../../Mutant.ts"

export const restarts: ReadonlyArray<Mutant> = [
  // ---------------------------------------------------------------- counting
  {
    name: "the window never forgets",
    file: "core/pacing/Intensity.ts",
    from: "window.entries[window.from]!.at < since",
    to: "window.entries.length < 0",
    story: "multiple_restarts",
    otp: true
  },
  {
    name: "a restarted supervisor keeps its window",
    file: "core/Supervisor.ts",
    from: "window: emptyWindow(),",
    to: "window: (init.record.window ??= emptyWindow()),",
    story: "Backoff attempts and incarnations survive",
    otp: true
  },
  {
    name: "a retry is not counted",
    file: "core/ChildEvents.ts",
    from: 'child.phase === "restarting") retry(',
    to: 'child.phase === "restarting" && [sup.window.entries.pop()]) retry(',
    story: "A failed restart counts again",
    otp: true
  },
  {
    name: "all affected children are counted",
    file: "core/Restart.ts",
    from: "  if (delayMs <= 0) return\n",
    to: "  for (const other of affected) if (other !== culprit) counted(tree, sup, other, evidence)\n  if (delayMs <= 0) return\n",
    story: "one_for_all:",
    otp: true
  },
  {
    name: "an operator's restart is counted",
    file: "core/Call.ts",
    from: "restartByHand(sup, child)",
    to: 'restartByHand(sup, child)\n  sup.window.entries.push({ ...incarnationOf(child), at: tree.now, exit: { _tag: "Shutdown" } })',
    story: "A restart by hand resets the attempts"
  },
  {
    name: "a failed boot is counted",
    file: "core/ChildEvents.ts",
    from: 'return escalate(tree, sup, child, evidence, "boot"',
    to: 'restart(tree, sup, child, evidence, 0)\n    return escalate(tree, sup, child, evidence, "boot"',
    story: "A job that fails at boot",
    otp: true
  },
  // ---------------------------------------------------------------- giving up
  {
    name: "giving up does not stop the rest",
    file: "core/Supervisor.ts",
    from: "    sup.toStop.add(child)",
    to: '    if (exit._tag !== "GaveUp") sup.toStop.add(child)',
    story: "Under OneForOne each failure counts",
    otp: true
  },
  {
    name: "an escalation ends quietly",
    file: "core/ChildEvents.ts",
    from: 'child.spec.restart === "permanent" ||',
    to: '(child.spec.restart === "permanent" && exit._tag !== "GaveUp") ||',
    story: "Escalation up to the root",
    otp: true
  },
  {
    name: "a transient supervisor is restarted after giving up",
    file: "core/Exit.ts",
    from: 'case "Shutdown":\n    case "GaveUp":',
    to: 'case "GaveUp":\n      return false\n    case "Shutdown":',
    story: "A transient supervisor that gives up ends quietly",
    otp: true
  },
  {
    name: "the culprit of giving up is still restarting",
    file: "core/Restart.ts",
    from: "leaveDown(tree, sup, culprit)\n",
    to: "\n",
    story: "Intensity 0 gives up at the first failure",
    otp: true
  },
  // ---------------------------------------------------------------- what is restarted
  {
    name: "a finished child stays down when its group is restarted",
    file: "core/Strategy.ts",
    from: "!child.record.hold)",
    to: '(!child.record.hold && child.phase !== "down"))',
    story: "A job that is ready by exiting gates",
    otp: true
  },
  {
    name: "an affected temporary child is restarted",
    file: "core/Strategy.ts",
    from: 'child === culprit || child.spec.restart !== "temporary"',
    to: "true",
    story: "temporary_bystander, OneForAll",
    otp: true
  },
  {
    name: "an affected temporary child keeps its spec",
    file: "core/Child.ts",
    from: "leaveDown(tree, sup, child)\n    answer",
    to: 'if (child.spec.restart !== "temporary" || child.askedFor !== undefined) leaveDown(tree, sup, child)\n    answer',
    story: "temporary_bystander, OneForAll",
    otp: true
  },
  {
    name: "a temporary child that ends keeps its spec",
    file: "core/Child.ts",
    from: 'isPool(sup) || child.spec.restart === "temporary"',
    to: "isPool(sup)",
    story: "temporary_normal",
    otp: true
  },
  {
    name: "the siblings of a failed restart do not wait for the retry",
    file: "core/ChildEvents.ts",
    from: "if (isGroupStrategy(sup)) forgetOthers(sup)\n",
    to: "",
    story: "one_for_all_other_child_fails_restart",
    otp: true
  },
  {
    name: "a group does not wait for a backoff",
    file: "core/Supervisor.ts",
    from: 'if (child.phase === "backoff" || child.phase === "pending") return',
    to: 'if (child.phase === "backoff" || child.phase === "pending") continue',
    story: "A job that is ready by exiting gates"
  },
  {
    name: "a hold is forgotten with its supervisor",
    file: "core/Supervisor.ts",
    from: "if (child.record.hold) continue",
    to: "",
    story: "On hold it stays down when its supervisor is restarted"
  },
  {
    name: "a child that is started by hand stays on hold",
    file: "core/Call.ts",
    from: '  unhold(tree, child)\n  if (child.phase === "failed"',
    to: '  if (child.phase === "failed"',
    story: "A child on hold is stopped and stays down until it is started by hand"
  },
  // ---------------------------------------------------------------- backoff
  {
    name: "a backoff has no cap",
    file: "core/pacing/Backoff.ts",
    from: "Math.min(backoff.cap, backoff.initial * backoff.factor ** n)",
    to: "backoff.initial * backoff.factor ** n",
    story: "A backoff doubles up to its cap"
  },
  {
    name: "jitter goes beyond the delay",
    file: "core/pacing/Backoff.ts",
    from: "1 - backoff.jitter * draw",
    to: "1 + backoff.jitter * draw",
    properties: /out of bounds/
  },
  {
    name: "attempts are never forgotten",
    file: "core/Restart.ts",
    from: "if (uptimeMs >= backoff.forgetAfter) record.attempt = 0",
    to: "",
    story: "After enough uptime the backoff starts from the beginning"
  },
  {
    name: "attempts are forgotten with the supervisor",
    file: "core/Supervisor.ts",
    from: "add(tree, sup, spec.id, spec)",
    to: "add(tree, sup, spec.id, spec).record.attempt = 0",
    story: "Backoff attempts and incarnations survive"
  },
  {
    name: "a restart by hand does not reset the attempts",
    file: "core/Restart.ts",
    from: "{\n  culprit.record.attempt = 0\n",
    to: "{\n",
    story: "A restart by hand resets the attempts"
  },
  {
    name: "a linear backoff is constant",
    file: "core/pacing/Backoff.ts",
    from: "backoff.initial + backoff.step * n",
    to: "backoff.initial",
    properties: /out of bounds/
  }
]
