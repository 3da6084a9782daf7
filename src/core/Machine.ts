/**
 * A whole tree as one pure machine: `step(tree, event, now)` folds one event and says what the world must do about it.
 *
 * No clock, no randomness, no I/O: the same events at the same times give the same actions. It is total: no event
 * throws in any state, and an event that concerns nothing any more is dropped.
 *
 * The world promises: each Spawn is answered by exactly one of Ready, Declined and Exited; Ready is followed by exactly
 * one Exited; a Wake comes back once it is due. The tree promises: each Call is answered by exactly one Reply, and
 * Finish comes once, last, when nothing runs any more.
 */
import type { Pool, Supervisor } from "../tree/Spec.ts"
import type { Action } from "./Action.ts"
import { leaveBreaker } from "./Breaker.ts"
import { call } from "./Call.ts"
import { blocked, notified, spawned } from "./Child.ts"
import { declined, exited, ready, wake } from "./ChildEvents.ts"
import type { Event, Incarnation } from "./Event.ts"
import { reply, tell } from "./emit.ts"
import { endIfAllFailed, tryAgain } from "./FailedChild.ts"
import { makeGate, openGate } from "./Gate.ts"
import { endWait, resume } from "./Needs.ts"
import { newRecord } from "./PathRecord.ts"
import type { ChildState, Internal, ReadonlyTree, SupervisorState, TreeState } from "./State.ts"
import { advance, end, init, kill } from "./Supervisor.ts"
import { checkReported, cleared, convicted, suspected } from "./Suspicion.ts"

/** A tree before its boot. All jitter comes from `seed`. */
export const make = (root: Supervisor | Pool, seed = 0): TreeState => ({
  root,
  rootPath: `/${root.id}`,
  seed,
  supervisors: new Map(),
  record: newRecord(),
  now: 0,
  mailbox: [],
  actions: [],
  children: new Map(),
  active: 0,
  finished: false,
  gate: makeGate(root.startGate)
})

/** Folds one event. `now`: milliseconds; a clock that goes back is taken to stand still. */
export function step(tree: TreeState, event: Event, now: number): ReadonlyArray<Action> {
  tree.now = Math.max(tree.now, now)
  tree.actions = []
  tree.finished = false
  tree.mailbox.push(event)
  drain(tree)
  if (endIfAllFailed(tree)) {
    advance(tree, tree.supervisors.get(tree.rootPath)!)
    drain(tree)
  }
  const root = tree.supervisors.get(tree.rootPath)
  if (tree.finished && tree.active === 0 && root?.mode === "running") tell(tree, { _tag: "Idle", path: tree.rootPath })
  return tree.actions
}

function drain(tree: TreeState): void {
  for (let i = 0; i < tree.mailbox.length; i++) handle(tree, tree.mailbox[i]!)
  tree.mailbox.length = 0
}

function handle(tree: TreeState, event: Event | Internal): void {
  switch (event._tag) {
    case "Boot":
      if (tree.record.incarnation++ > 0) return
      tell(tree, { _tag: "Starting", path: tree.rootPath, incarnation: 1, type: tree.root.type })
      return init(tree, { _tag: "Init", path: tree.rootPath, incarnation: 1, parent: undefined, spec: tree.root, record: tree.record })
    case "Init":
      return init(tree, event)
    case "Stop":
    case "Kill":
      return bringDown(tree, tree.supervisors.get(tree.rootPath), event._tag === "Kill")
    case "StopSupervisor":
    case "KillSupervisor": {
      const sup = tree.supervisors.get(event.path)
      return bringDown(tree, sup?.incarnation === event.incarnation ? sup : undefined, event._tag === "KillSupervisor")
    }
    case "Call": {
      const sup = tree.supervisors.get(event.path)
      if (sup !== undefined) return call(tree, sup, event.ticket, event.request)
      return reply(tree, event.ticket, { _tag: "Refused", why: { _tag: absence(tree, event.path), path: event.path } })
    }
    case "Admit":
      return admit(tree)
    case "Hint":
      return hint(tree, event.path)
    case "Wake":
      return event.purpose === "gate" ? admit(tree) : news(tree, event)
    case "Spawned":
    case "Blocked":
    case "Ready":
    case "Declined":
    case "Exited":
    case "Suspected":
    case "Cleared":
    case "Convicted":
    case "Health":
    case "Notified":
      return news(tree, event)
  }
}

function bringDown(tree: TreeState, sup: SupervisorState | undefined, brutally: boolean): void {
  if (sup === undefined) return
  if (brutally) kill(tree, sup)
  else end(tree, sup, { _tag: "Shutdown" })
  advance(tree, sup)
}

/** Why no supervisor answers at this path. */
function absence(tree: TreeState, path: string): "NotFound" | "NotRunning" | "NotSupervisor" {
  const child = tree.children.get(path)
  if (child?.spec.type === "worker") return "NotSupervisor"
  return child !== undefined || path === tree.rootPath ? "NotRunning" : "NotFound"
}

/** Dropped if it concerns an earlier incarnation, or a child that is gone. */
function news(tree: TreeState, event: Extract<Event, Incarnation>): void {
  const child = tree.children.get(event.path)
  if (child === undefined || child.record.incarnation !== event.incarnation) return
  const sup = child.parent
  tellChild(tree, sup, child, event)
  advance(tree, sup)
}

function tellChild(tree: TreeState, sup: SupervisorState, child: ChildState, event: Extract<Event, Incarnation>): void {
  switch (event._tag) {
    case "Spawned":
      return spawned(tree, child, processOf(event))
    case "Blocked":
      return blocked(tree, child, event.pids)
    case "Ready":
      return ready(tree, sup, child)
    case "Declined":
      return declined(tree, sup, child)
    case "Exited":
      return exited(tree, sup, child, event)
    case "Suspected":
      return suspected(tree, sup, child, event.silence)
    case "Cleared":
      return cleared(tree, sup, child)
    case "Convicted":
      return convicted(tree, sup, child, event.exit)
    case "Health":
      return checkReported(tree, sup, child, event.healthy, event.because)
    case "Notified":
      return notified(tree, child, event)
    case "Wake":
      return wake(tree, sup, child, event.purpose, event.missedMs ?? 0)
  }
}

const processOf = ({ pid, startTime }: Extract<Event, { _tag: "Spawned" }>): ChildState["process"] =>
  pid === undefined || startTime === undefined ? undefined : { pid, startTime }

/** The children that the start gate lets through now. */
const admit = (tree: TreeState): void =>
  openGate(tree, (child, sup) => {
    resume(tree, sup, child)
    advance(tree, sup)
  })

/**
 * A start may go better now, so the child need not wait any longer; except for the gate, which protects the machine.
 */
function hint(tree: TreeState, path: string): void {
  const child = tree.children.get(path)
  const sup = child?.parent
  if (child === undefined || sup === undefined || sup.toStop.has(child)) return
  if (child.phase === "failed") {
    tryAgain(tree, sup, child)
    return advance(tree, sup)
  }
  if (child.phase !== "backoff" && child.pendingOn?._tag !== "Breaker") return
  leaveBreaker(sup, child)
  endWait(tree, sup, child)
  advance(tree, sup)
}

/** For a tree whose processes have all been killed: nothing of it runs any more. Answers its root. */
export function abandon(tree: TreeState): Incarnation {
  tree.supervisors.clear()
  tree.children.clear()
  return { path: tree.rootPath, incarnation: tree.record.incarnation }
}

/** Has the root come and gone? */
export const hasEnded = (tree: ReadonlyTree): boolean => tree.record.incarnation > 0 && !tree.supervisors.has(tree.rootPath)
