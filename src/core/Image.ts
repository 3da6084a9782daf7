/**
 * The image of a tree: all of its state that has to survive our own death, as plain data that shares nothing that changes with the tree. It is
 * taken between two events. Whoever restores it and folds the events that came after has the same tree, which takes the same decisions.
 *
 * Two things are left out, as they follow from the rest: the sets that `SoftState` and the phases imply, and the specs that stand in the tree.
 * The waits under way are the caller's: it has been given each as a `Wake`.
 */
import type { Child, Tree } from "../tree/Spec.ts"
import { closedBreaker } from "./Breaker.ts"
import { make } from "./Machine.ts"
import { childOf, idOf, parentOf } from "./Path.ts"
import type { PathRecord } from "./PathRecord.ts"
import type { RestartWindow } from "./pacing/Intensity.ts"
import type { BreakerState, ChildState, GateState, SupervisorState, TreeState } from "./State.ts"
import { isActive } from "./transition.ts"

export interface TreeImage {
  readonly seed: number
  readonly now: number
  readonly record: RecordImage
  readonly supervisors: ReadonlyArray<SupervisorImage>
  readonly gate?: Pick<GateState, "tokens" | "at" | "wakeAt"> & { readonly queue: ReadonlyArray<string> }
}

/** The numbers of one path; those of the paths below are listed with their ids. */
export interface RecordImage extends Omit<PathRecord, "below"> {
  readonly below: ReadonlyArray<readonly [id: string, record: RecordImage]>
}

type Ids = ReadonlyArray<string>

/** Children are named by their ids. */
export interface SupervisorImage
  extends Pick<
    SupervisorState,
    "path" | "incarnation" | "nextPosition" | "startedAt" | "since" | "mode" | "hasBooted" | "exit" | "brutal" | "commonSilenceSince"
  > {
  readonly children: ReadonlyArray<ChildImage>
  readonly window: RestartWindow["entries"]
  readonly recentFailures: ReadonlyArray<readonly [id: string, at: number]>
  readonly breaker?: Pick<BreakerState, "phase" | "since" | "probes"> & {
    readonly probe: string | undefined
    readonly pending: Ids
    readonly recentFailures: ReadonlyArray<readonly [id: string, at: number]>
  }
  readonly toStop: Ids
  readonly toStart: Ids
  readonly retrying: Ids
  readonly bootWaitsFor: Ids
  readonly pendingOnNeed: Ids
  readonly suspects: Ids
}

/** `spec`: of a child that was added; else it is the one that stands in its supervisor's. */
export interface ChildImage extends Omit<ChildState, "path" | "parent" | "record" | "spec" | "window"> {
  readonly spec?: Child
  readonly window: RestartWindow["entries"] | undefined
}

// ---------------------------------------------------------------- taking it

export function image(tree: TreeState): TreeImage {
  const { seed, now, gate } = tree
  return {
    seed,
    now,
    record: recordImage(tree.record),
    supervisors: [...tree.supervisors.values()].map(supervisorImage),
    ...(gate && { gate: { tokens: gate.tokens, at: gate.at, wakeAt: gate.wakeAt, queue: [...gate.queue.keys()].map(({ path }) => path) } })
  }
}

function recordImage({ below, ...numbers }: PathRecord): RecordImage {
  return { ...numbers, below: [...below].map(([id, record]) => [id, recordImage(record)] as const) }
}

const ids = (children: Iterable<ChildState>): Ids => Array.from(children, ({ id }) => id)
const entriesOf = ({ entries, from }: RestartWindow): RestartWindow["entries"] => entries.slice(from)

function supervisorImage(sup: SupervisorState): SupervisorImage {
  const { path, incarnation, nextPosition, startedAt, since, mode, hasBooted, exit, brutal, commonSilenceSince, breaker } = sup
  return {
    ...{ path, incarnation, nextPosition, startedAt, since, mode, hasBooted, exit, brutal, commonSilenceSince },
    children: Array.from(sup.children.values(), (child) => childImage(sup, child)),
    window: entriesOf(sup.window),
    recentFailures: [...sup.recentFailures],
    ...(breaker && { breaker: breakerImage(breaker) }),
    toStop: ids(sup.toStop),
    toStart: ids(sup.toStart),
    retrying: ids(sup.retrying),
    bootWaitsFor: ids(sup.bootWaitsFor),
    pendingOnNeed: ids(sup.pendingOnNeed),
    suspects: ids(sup.suspects)
  }
}

const breakerImage = ({ phase, since, probes, probe, pending, recentFailures }: BreakerState): NonNullable<SupervisorImage["breaker"]> => ({
  ...{ phase, since, probes },
  probe: probe?.id,
  pending: ids(pending),
  recentFailures: [...recentFailures]
})

function childImage(sup: SupervisorState, child: ChildState): ChildImage {
  const { path: _, parent: __, record: ___, spec, window, tickets, ...rest } = child
  const isAdded = spec !== writtenSpec(sup.spec, child.id)
  return { ...rest, ...(isAdded ? { spec } : {}), tickets: [...tickets], window: window && entriesOf(window) }
}

const writtenSpec = (spec: SupervisorState["spec"], id: string): Child | undefined =>
  spec.type === "pool" ? spec.child : spec.children.find((child) => child.id === id)

// ---------------------------------------------------------------- restoring it

/** The tree as it was. `root`: the spec that it was made of. */
export function restore(root: Tree, taken: TreeImage): TreeState {
  const tree: TreeState = { ...make(root, taken.seed), now: taken.now, record: recordOf(taken.record) }
  for (const sup of taken.supervisors) restoreSupervisor(tree, sup)
  for (const sup of tree.supervisors.values()) for (const child of sup.children.values()) countIn(tree, child)
  if (tree.gate !== undefined && taken.gate !== undefined) restoreGate(tree, tree.gate, taken.gate)
  return tree
}

function recordOf({ below, ...numbers }: RecordImage): PathRecord {
  return { ...numbers, below: new Map(below.map(([id, record]) => [id, recordOf(record)])) }
}

/** Supervisors come parents first, as they were made. */
function restoreSupervisor(tree: TreeState, taken: SupervisorImage): void {
  const { children, window, recentFailures, breaker, toStop, toStart, retrying, bootWaitsFor, pendingOnNeed, suspects, ...rest } = taken
  const own = tree.supervisors.get(parentOf(taken.path))?.children.get(idOf(taken.path))
  const spec = (own?.spec ?? tree.root) as SupervisorState["spec"]
  const sup: SupervisorState = {
    ...rest,
    id: spec.type === "pool" && own !== undefined ? own.spec.id : spec.id,
    parent: own?.parent.path,
    spec,
    record: own?.record ?? tree.record,
    children: new Map(),
    toStop: new Set(),
    toStart: new Set(),
    runnable: [],
    retrying: new Set(),
    bootWaitsFor: new Set(),
    window: { entries: [...window], from: 0 },
    recentFailures: new Map(recentFailures),
    breaker: spec.breaker && closedBreaker(spec.breaker),
    needed: new Set(),
    pendingOnNeed: new Set(),
    failed: new Set(),
    suspects: new Set()
  }
  tree.supervisors.set(sup.path, sup)
  for (const child of children) restoreChild(sup, child)
  const into = (set: Set<ChildState>, names: Ids): void => {
    for (const id of names) {
      const child = sup.children.get(id)
      if (child !== undefined) set.add(child)
    }
  }
  into(sup.toStop, toStop)
  into(sup.toStart, toStart)
  into(sup.retrying, retrying)
  into(sup.bootWaitsFor, bootWaitsFor)
  into(sup.pendingOnNeed, pendingOnNeed)
  into(sup.suspects, suspects)
  if (sup.breaker === undefined || breaker === undefined) return
  Object.assign(sup.breaker, { phase: breaker.phase, since: breaker.since, probes: breaker.probes })
  sup.breaker.probe = breaker.probe === undefined ? undefined : sup.children.get(breaker.probe)
  into(sup.breaker.pending, breaker.pending)
  for (const [id, at] of breaker.recentFailures) sup.breaker.recentFailures.set(id, at)
}

function restoreChild(sup: SupervisorState, { spec, window, ...rest }: ChildImage): void {
  const child: ChildState = {
    ...rest,
    path: childOf(sup.path, rest.id),
    parent: sup,
    spec: spec ?? writtenSpec(sup.spec, rest.id)!,
    record: sup.record.below.get(rest.id)!,
    tickets: [...rest.tickets],
    window: window && { entries: [...window], from: 0 }
  }
  sup.children.set(child.id, child)
  for (const need of child.spec.needs) sup.needed.add(need)
}

/** What follows from the phase of a child. */
function countIn(tree: TreeState, child: ChildState): void {
  if (child.phase === "failed") child.parent.failed.add(child)
  if (child.spec.type !== "worker") return
  tree.active += Number(isActive(child.phase))
  if (tree.gate !== undefined) tree.gate.starting += Number(child.phase === "starting")
}

function restoreGate(tree: TreeState, gate: GateState, { queue, ...taken }: NonNullable<TreeImage["gate"]>): void {
  Object.assign(gate, taken)
  for (const path of queue) {
    const sup = tree.supervisors.get(parentOf(path))
    const child = sup?.children.get(idOf(path))
    if (sup !== undefined && child !== undefined) gate.queue.set(child, sup)
  }
}
