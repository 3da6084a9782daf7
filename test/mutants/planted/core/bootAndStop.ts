/** Bugs in boot, autoShutdown and stop. */
import type { Mutant } from "../../Mutant.ts"

export const bootAndStop: ReadonlyArray<Mutant> = [
  // ---------------------------------------------------------------- boot
  {
    name: "a failed start at boot is retried",
    file: "core/ChildEvents.ts",
    from: 'sup.spec.boot === "strict"',
    to: 'sup.spec.boot === "never"',
    story: "A job that fails at boot",
    otp: true
  },
  {
    name: "with boot retry a failed start is fatal",
    file: "core/ChildEvents.ts",
    from: ' && sup.spec.boot === "strict"',
    to: "",
    story: "With boot=retry a failed start is counted"
  },
  {
    name: "a failed boot is not rolled back in order",
    file: "core/Supervisor.ts",
    from: "child.independent = isPool(sup)",
    to: "child.independent = isPool(sup) || !sup.hasBooted",
    story: "A job that fails at boot",
    otp: true
  },
  {
    name: "a declined start counts as failed",
    file: "core/ChildEvents.ts",
    from: 'tell(tree, { _tag: "Declined", ...incarnationOf(child) })',
    to: 'if (!sup.toStop.has(child)) return startFailed(tree, sup, child, { _tag: "Code", code: 1 })',
    story: "A child that declines to start is no failure",
    otp: true
  },
  {
    name: "a start timeout is ignored",
    file: "core/Child.ts",
    from: 'if (startTimeout !== "infinity")',
    to: "if (startTimeout === 0)",
    story: "Not ready in time is a failed start"
  },
  {
    name: "a start timeout that is put off on request becomes shorter",
    file: "core/Child.ts",
    from: "if (extendMs === undefined || tree.now + extendMs <= child.until) return",
    to: "if (extendMs === undefined) return",
    story: "What it asks for never makes the time shorter, and is nothing where there is no limit"
  },
  {
    name: "the status of a child is that of the incarnation before",
    file: "core/Child.ts",
    from: "  child.status = undefined\n",
    to: "",
    story: "What a child says of itself, until it ends or has nothing to say"
  },
  {
    name: "a child that was lost with the keeper is counted",
    file: "core/Restart.ts",
    from: 'if (evidence.exit._tag === "Lost") return restartLost(tree, sup, culprit, evidence)',
    to: "",
    story: "Children that were lost with the keeper are started again at once, and nothing is counted"
  },
  {
    name: "a late readiness is believed",
    file: "core/ChildEvents.ts",
    from: 'if (child.phase !== "starting" || child.overdueAfterMs !== undefined) return\n  const tookMs',
    to: 'if (child.phase !== "starting") return\n  const tookMs',
    story: "Not ready in time is a failed start"
  },
  {
    name: "the exit of a child that is not ready in time is that of its process",
    file: "core/ChildEvents.ts",
    from: "afterMs === undefined ? found :",
    to: "true ? found :",
    story: "Not ready in time is a failed start"
  },
  {
    name: "a child ready by exiting needs no success",
    file: "core/ChildEvents.ts",
    from: "child.overdueAfterMs === undefined && isNormal(child.spec, exit)",
    to: "child.overdueAfterMs === undefined",
    story: "A job that fails at boot takes the tree down"
  },
  {
    name: "a child that crashed at boot waits for ever after boot",
    file: "core/Supervisor.ts",
    from: "if (!isGroupStrategy(sup)) for (const child of [...sup.toStop, ...sup.toStart]) detach(sup, child)",
    to: "",
    properties: /does not come to rest|for ever/
  },
  {
    name: "an exit during boot is lost",
    file: "core/ChildEvents.ts",
    from: "if (!hasProcess(child)) return\n  const { exit: found",
    to: 'if (!hasProcess(child) || (sup.mode === "booting" && child.phase === "up")) return\n  const { exit: found',
    story: "A child crashes while the next is still starting",
    properties: /no end after Stop|does not come to rest|for ever|thought to be|two incarnations/
  },
  // ---------------------------------------------------------------- significance
  {
    name: "anySignificant and allSignificant are confused",
    file: "core/ChildEvents.ts",
    from: 'autoShutdown === "allSignificant"',
    to: 'autoShutdown === "anySignificant"',
    story: "allSignificant: the last one does",
    otp: true
  },
  {
    name: "a significant child that waits for its restart does not count",
    file: "core/ChildEvents.ts",
    from: 'sup.toStart.has(child) || (!sup.toStop.has(child) && child.phase !== "down")',
    to: 'child.phase === "up"',
    story: "A significant child that waits",
    otp: true
  },
  {
    name: "a significant child that was stopped ends its supervisor",
    file: "core/ChildEvents.ts",
    from: "if (sup.toStop.has(child)) return stopped(tree, sup, child, exit, usage)",
    to: "if (sup.toStop.has(child)) {\n    stopped(tree, sup, child, exit)\n    return autoShutdown(tree, sup, child)\n  }",
    story: "Stopping the last significant child by hand does not",
    otp: true
  },
  // ---------------------------------------------------------------- stopping
  {
    name: "a kill is not passed down",
    file: "core/Supervisor.ts",
    from: "sup.brutal = true",
    to: "",
    story: "A kill reaches all children at once"
  },
  {
    name: "a supervisor is not killed after its shutdown time",
    file: "core/Child.ts",
    from: 'if (typeof how === "number") act',
    to: 'if (how === "brutalKill") act',
    story: "A supervisor with a shutdown time is killed with all below it"
  },
  {
    name: "a brutal kill is a polite request",
    file: "core/Child.ts",
    from: '=== "worker") return act(tree, { _tag: "Stop", ...incarnationOf(child), how })',
    to: '=== "worker") return act(tree, { _tag: "Stop", ...incarnationOf(child), how: how === "brutalKill" ? 5000 : how })',
    story: "sup_stop_brutal_kill:",
    otp: true
  },
  {
    name: "a signal is a normal end",
    file: "core/Exit.ts",
    from: '    case "Signal":',
    to: '    case "Signal":\n      return exit.signal === "SIGTERM"',
    story: "transient_abnormal"
  },
  {
    name: "children that boot together are not limited",
    file: "core/Supervisor.ts",
    from: "if (starting >= limit) return",
    to: "if (starting > limit) return",
    story: "Up to two start at once"
  },
  {
    name: "children that boot together do not wait for what they need",
    file: "core/Supervisor.ts",
    from: 'child.phase !== "down" || needsBoot(sup, child)',
    to: 'child.phase !== "down"',
    story: "Up to two start at once"
  },
  {
    name: "children that boot together wait for needs that boot does not wait for",
    file: "core/Supervisor.ts",
    from: "needed !== undefined && sup.bootWaitsFor.has(needed)",
    to: 'needed !== undefined && needed.phase !== "up"',
    story: "A child on hold is not waited for"
  },
  {
    name: "only code 0 is a success",
    file: "core/Exit.ts",
    from: "spec.successCodes.includes(exit.code)",
    to: "exit.code === 0",
    story: "transient_shutdown"
  }
]
