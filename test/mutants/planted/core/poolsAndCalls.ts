/** Bugs in pools and calls, and those that were not noticed when every line of the core was broken in turn. */
import type { Mutant } from "../../Mutant.ts"

export const poolsAndCalls: ReadonlyArray<Mutant> = [
  // ---------------------------------------------------------------- pools
  {
    name: "an instance that is being restarted does not count when its pool is scaled",
    file: "core/Pool.ts",
    from: "!sup.toStop.has(child) || sup.toStart.has(child) || child.record.hold",
    to: "!sup.toStop.has(child) || child.record.hold",
    properties: /was scaled to \d+, and has \d+ instances/
  },
  {
    name: "instance numbers are used again",
    file: "core/Supervisor.ts",
    from: "populate(tree, sup, sup.spec.size)",
    to: "[(sup.record.instances = 0), populate(tree, sup, sup.spec.size)]",
    story: "A pool gives up and its parent",
    otp: true
  },
  {
    name: "scaling down takes the oldest",
    file: "core/Pool.ts",
    from: "staying.slice(size)",
    to: "staying.slice(0, Math.max(0, staying.length - size))",
    story: "Scaling up gives new numbers"
  },
  {
    name: "a pool grows beyond its limit",
    file: "core/Pool.ts",
    from: "if (size > max)",
    to: "if (size > max + 1)",
    story: "Scaling beyond the limit is refused"
  },
  {
    name: "a restarted instance loses its arguments",
    file: "core/Child.ts",
    from: "argv: child.argv",
    to: "argv: child.record.incarnation > 1 ? [] : child.argv",
    story: "simple_one_for_one_extra",
    otp: true
  },
  {
    name: "a finished instance is started again",
    file: "core/ChildEvents.ts",
    from: '"transient" && !normal',
    to: '"transient" && (!normal || sup.spec.type === "pool")',
    story: "A finished transient instance is not replaced",
    otp: true
  },
  // ---------------------------------------------------------------- calls
  {
    name: "a failed startChild leaves its spec",
    file: "core/ChildEvents.ts",
    from: 'if (askedFor === "start") return remove(tree, sup, child)',
    to: 'if (askedFor === "start") return leaveDown(tree, sup, child)',
    story: "sup_start_child_returns_error:",
    otp: true
  },
  {
    name: "a failed restartChild is retried",
    file: "core/ChildEvents.ts",
    from: 'if (askedFor === "restart") return leaveDown(tree, sup, child)',
    to: "",
    story: "sup_start_restart_child_returns_error",
    otp: true
  },
  {
    name: "whichChildren lists the first started first",
    file: "core/Call.ts",
    from: "[...sup.children.values()].reverse()",
    to: "[...sup.children.values()]",
    story: "which_children:",
    otp: true
  },
  {
    name: "a child that waits for its restart counts as active",
    file: "core/Call.ts",
    from: "all.filter(hasProcess).length",
    to: 'all.filter((child) => child.phase !== "down").length',
    story: "count_restarting_children",
    otp: true
  },
  {
    name: "a child that is terminated while it is to be started is started",
    file: "core/Call.ts",
    from: "  sup.toStart.delete(child)\n  markToStop",
    to: "  markToStop",
    story: "Calls about a child that waits for its restart"
  },
  {
    name: "a supervisor that ends carries out commands",
    file: "core/Call.ts",
    from: 'sup.mode === "ending" && !isQuestion(request)',
    to: "false",
    story: "A supervisor that ends refuses commands",
    properties: /starts while its supervisor ends|ends, and starts children/
  },
  {
    name: "a caller that waits for a child is not told that its supervisor has ended",
    file: "core/Supervisor.ts",
    from: '    answer(tree, child, { _tag: "Refused", why: { _tag: "Stopping", path: sup.path } })\n',
    to: "",
    properties: /calls unanswered/
  },
  {
    name: "a running child can be deleted",
    file: "core/Call.ts",
    from: '(child.phase === "down" || child.phase === "failed") && !sup.toStop.has(child) ? undefined',
    to: 'child.phase !== "backoff" ? undefined',
    story: "A child is terminated, restarted, deleted",
    otp: true
  },
  // ---------------------------------------------------------------- found by breaking every line in turn
  {
    name: "a child that was up at boot is not retried",
    file: "core/ChildEvents.ts",
    from: "child.wasUp = true",
    to: "",
    story: "A child that was up at boot and cannot start again is retried"
  },
  {
    name: "the start timeout begins before the process runs",
    file: "core/Child.ts",
    from: "  child.since = tree.now\n  const { startTimeout }",
    to: "  const { startTimeout }",
    story: "A start waits for its turn"
  },
  {
    name: "a child that waits for another at boot goes on waiting after boot",
    file: "core/Supervisor.ts",
    from: "child.independent = true\n  sup.runnable.push(child)",
    to: "child.independent = true",
    story: "A failed child that is to be tried while a crashed one holds up the boot starts when the boot is over"
  },
  {
    name: "a deleted child is still on hold",
    file: "core/Call.ts",
    from: "unhold(tree, child)\n      remove",
    to: "remove",
    story: "A child on hold is deleted"
  },
  {
    name: "a caller that waits for an end is not told that the child is restarted",
    file: "core/Call.ts",
    from: 'supersede(tree, child)\n  subscribe(child, ticket, "again")',
    to: 'subscribe(child, ticket, "again")',
    story: "A child is restarted by hand while a caller waits for its end"
  },
  {
    name: "a start timeout has an effect on a child that is to be stopped",
    file: "core/ChildEvents.ts",
    from: "if (sup.toStop.has(child)) return\n  if (purpose",
    to: "if (purpose",
    story: "A start timeout that passes"
  },
  {
    name: "an instance that is scaled away is still on hold",
    file: "core/Pool.ts",
    from: "unhold(tree, child)",
    to: "",
    story: "An instance on hold is scaled away like any other"
  },
  {
    name: "the time on the clock counts as uptime",
    file: "core/ChildEvents.ts",
    from: "(child.conviction?.at ?? tree.now) - child.since",
    to: "(child.conviction?.at ?? tree.now) + child.since",
    story: "Only uptime resets the attempts"
  },
  {
    name: "a start of a child that waits with its group removes it when it fails",
    file: "core/Call.ts",
    from: 'child.askedFor ??= "again"',
    to: 'child.askedFor = "start"',
    story: "A child is started by hand while it waits with its group, and cannot start"
  },
  {
    name: "a second call for a start decides what happens when it fails",
    file: "core/Call.ts",
    from: 'child.askedFor ??= "again"',
    to: 'child.askedFor = "again"',
    story: "A child is restarted and, before it is up, started by hand"
  }
]
