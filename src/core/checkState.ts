/**
 * The table at the head of `State.ts`, as a function: what is wrong with a state, in a sentence; undefined if it is
 * legal. Tests and rehearsals call it after every event. It walks the whole tree, so the runtime does not.
 */
import { idOf, parentOf } from "./Path.ts"
import { type ChildState, hasProcess, isPool, type SupervisorState, type TreeState } from "./State.ts"
import { isActive } from "./transition.ts"

export function checkState(tree: TreeState): string | undefined {
  if (tree.mailbox.length > 0) return "messages are left in the mailbox"
  let [active, starting] = [0, 0]
  for (const sup of tree.supervisors.values()) {
    const problem = ofSupervisor(tree, sup)
    if (problem !== undefined) return `${sup.path}: ${problem}`
    for (const child of sup.children.values()) {
      const wrong = ofChild(tree, sup, child)
      if (wrong !== undefined) return `${child.path} (${child.phase}): ${wrong}`
      if (child.spec.type !== "worker") continue
      active += Number(isActive(child.phase))
      starting += Number(child.phase === "starting")
    }
  }
  if (active !== tree.active) return `${active} workers are active, and ${tree.active} are counted`
  if (tree.gate !== undefined && starting !== tree.gate.starting)
    return `${starting} workers start, and the gate counts ${tree.gate.starting}`
  return undefined
}

function ofSupervisor(tree: TreeState, sup: SupervisorState): string | undefined {
  if (sup.path !== tree.rootPath && !isChildOf(tree, sup)) return "its parent does not know it"
  if (sup.runnable.length > 0) return "runnable children were not looked at"
  if (sup.mode === "booting" && sup.bootWaitsFor.size === 0) return "boots, and waits for no child"
  if (sup.mode === "ending" && sup.toStop.size === 0) return "ends, and waits for no child"
  if (sup.mode === "ending" && sup.toStart.size > 0) return "ends, and starts children"
  const strays: ReadonlyArray<readonly [string, Iterable<ChildState>]> = [
    ["toStop", sup.toStop],
    ["toStart", sup.toStart],
    ["bootWaitsFor", sup.bootWaitsFor],
    ["retrying", sup.retrying],
    ["failed", sup.failed],
    ["suspects", sup.suspects]
  ]
  for (const [name, set] of strays)
    for (const child of set) if (sup.children.get(child.id) !== child) return `${name} has ${child.path}, which is gone`
  return undefined
}

const isChildOf = (tree: TreeState, sup: SupervisorState): boolean => {
  return tree.supervisors.get(parentOf(sup.path))?.children.get(idOf(sup.path))?.spec === sup.spec
}

/** One rule a line: the phase, and what must hold of it. */
function ofChild(tree: TreeState, sup: SupervisorState, child: ChildState): string | undefined {
  const [toStop, toStart] = [sup.toStop.has(child), sup.toStart.has(child)]
  const { phase } = child
  const must = (holds: boolean, what: string): string | undefined => (holds ? undefined : what)
  const rules: ReadonlyArray<string | undefined> = [
    must(phase !== "down" || !toStop || !child.independent, "is down and to be stopped at once"),
    must(phase !== "starting" || toStart || toStop, "starts, and was not to be started"),
    must(phase !== "up" || !toStart || toStop, "is up and to be started"),
    must(phase !== "stopping" || toStop, "stops, and was not to be stopped"),
    must((phase !== "backoff" && phase !== "pending") || toStart || toStop, "waits for a start that it is not to have"),
    must((phase === "restarting") === sup.retrying.has(child) || toStop, "restarting and retrying differ"),
    must((phase === "failed") === sup.failed.has(child), "failed and the set of failed children differ"),
    must(phase !== "failed" || toStop || !toStart, "has failed and is to be started"),
    must(phase !== "failed" || child.failures !== undefined, "has failed and has no failures"),
    must(phase !== "pending" || child.pendingOn !== undefined, "is pending on nothing"),
    must(child.conviction === undefined || phase !== "starting", "starts, and is convicted"),
    must(child.suspect === undefined || sup.suspects.has(child), "is suspect, and not among the suspects"),
    must(
      !isPool(sup) || child.independent || phase === "down" || hasProcess(child) || phase === "failed",
      "is an instance of a pool, and waits for others"
    ),
    must(!child.record.hold || toStop || phase === "down", "is on hold, and not down"),
    must((child.tickets.length === 0) === (child.askedFor === undefined), "calls wait for nothing"),
    must(
      child.spec.type === "worker" || (tree.supervisors.get(child.path) === undefined) === !hasProcess(child),
      "its supervisor is not what its phase says"
    )
  ]
  return rules.find((rule) => rule !== undefined)
}
