/** Bugs that only rehearsals are asked about. A complaint begins with the name of the invariant. */
import type { Mutant } from "../../Mutant.ts"

export const rehearsals: ReadonlyArray<Mutant> = [
  {
    name: "a child that is being stopped counts as down",
    file: "core/Child.ts",
    from: 'setPhase(tree, child, "stopping")',
    to: 'setPhase(tree, child, "down")',
    rehearsals: /^neverTwice: \/root\S*#\d+ is started while #\d+ runs\.$/
  },
  {
    name: "the end of a stop is not reported",
    file: "core/Child.ts",
    from: 'tell(tree, { _tag: "Stopped", ...incarnationOf(child), exit, ...(usage && { usage }) })',
    to: "",
    rehearsals: /^eachExitOnce: the exit of \/root\S* is reported 0 times\.$/
  },
  {
    name: "the breaker's probe starts all the others",
    file: "core/ChildEvents.ts",
    from: 'child.phase === "pending" && sup.breaker?.probe === child) resume(tree, sup, child)',
    to: 'child.phase === "pending") for (const other of [child, ...sup.breaker!.pending]) resume(tree, sup, other)',
    rehearsals: /^breakerDefers: \/root\S* is started while the breaker of \/root\S* keeps it pending\.$/
  },
  {
    name: "the breaker counts its first probe",
    file: "core/Breaker.ts",
    from: "wasProbe && isPatienceOver",
    to: "wasProbe",
    rehearsals: /^pendingIsUncounted: \/root\S* is pending, but its failure is counted\.$/
  },
  {
    name: "a worker is not killed after its shutdown time",
    file: "core/Child.ts",
    from: 'if (child.spec.type === "worker") return act(tree, { _tag: "Stop", ...incarnationOf(child), how })',
    to: 'if (child.spec.type === "worker") return act(tree, { _tag: "Stop", ...incarnationOf(child), how: "infinity" })',
    rehearsals: /^shutdownBounded: the tree has not stopped after \S+( \S+)?, which is what its children have in all\.$/
  }
]
