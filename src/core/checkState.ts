/**
 * The table at the head of `State.ts`, as a function: what is wrong with a state, in a sentence; undefined if it is
 * legal. Tests and rehearsals call it after every event. It walks the whole tree, so the runtime does not.
 */
import { idOf, parentOf } from "./Path.ts"
import { type ChildState, hasProcess, isPool, type SupervisorState, type TreeState } from "./State.ts"
import { isActive } from "./transition.ts"

export function checkState(tree: TreeState): string | undefined {
  if (tree.mailbox.length > 0) return "messages are left in the mailbox"
  let [active, starting, children] = [0, 0, 0]
  for (const sup of tree.supervisors.values()) {
    const problem = ofSupervisor(tree, sup)
    if (problem !== undefined) return `${sup.path}: ${problem}`
    children += sup.children.size
    for (const child of sup.children.values()) {
      if (tree.children.get(child.path) !== child) return `${child.path}: cannot be found by its path`
      for (const [isBroken, wrong] of rules) if (isBroken(child, sup, tree)) return `${child.path} (${child.phase}): ${wrong}`
      if (child.spec.type !== "worker") continue
      active += Number(isActive(child.phase))
      starting += Number(child.phase === "starting")
    }
  }
  if (children !== tree.children.size) return `there are ${children} children, and ${tree.children.size} can be found by their paths`
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

type Rule = readonly [(child: ChildState, sup: SupervisorState, tree: TreeState) => boolean, wrong: string]

/** One rule a line: when it is broken, and what is wrong then. */
const rules: ReadonlyArray<Rule> = [
  [(child, sup) => child.phase === "down" && child.independent && sup.toStop.has(child), "is down and to be stopped at once"],
  [(child, sup) => child.phase === "starting" && !isQueued(child, sup), "starts, and was not to be started"],
  [(child, sup) => child.phase === "up" && sup.toStart.has(child) && !sup.toStop.has(child), "is up and to be started"],
  [(child, sup) => child.phase === "stopping" && !sup.toStop.has(child), "stops, and was not to be stopped"],
  [(child, sup) => isWaiting(child) && !isQueued(child, sup), "waits for a start that it is not to have"],
  [(child, sup) => (child.phase === "restarting") !== sup.retrying.has(child) && !sup.toStop.has(child), "restarting and retrying differ"],
  [(child, sup) => (child.phase === "failed") !== sup.failed.has(child), "failed and the set of failed children differ"],
  [(child, sup) => child.phase === "failed" && sup.toStart.has(child) && !sup.toStop.has(child), "has failed and is to be started"],
  [(child) => child.phase === "failed" && child.failures === undefined, "has failed and has no failures"],
  [(child) => (child.phase === "pending") !== (child.pendingOn !== undefined), "pending and what it is pending on differ"],
  [(child) => child.phase === "starting" && child.conviction !== undefined, "starts, and is convicted"],
  [(child, sup) => child.suspect !== undefined && !sup.suspects.has(child), "is suspect, and not among the suspects"],
  [(child, sup) => isPool(sup) && !child.independent && isBetween(child), "is an instance of a pool, and waits for others"],
  [(child, sup) => child.record.hold && child.phase !== "down" && !sup.toStop.has(child), "is on hold, and not down"],
  [(child) => (child.tickets.length === 0) !== (child.askedFor === undefined), "calls wait for nothing"],
  [
    (child, _, tree) => child.spec.type !== "worker" && tree.supervisors.has(child.path) !== hasProcess(child),
    "its supervisor is not what its phase says"
  ]
]

const isQueued = (child: ChildState, sup: SupervisorState): boolean => sup.toStart.has(child) || sup.toStop.has(child)
const isWaiting = ({ phase }: ChildState): boolean => phase === "backoff" || phase === "pending"
const isBetween = (child: ChildState): boolean => isWaiting(child) || child.phase === "restarting"
