/**
 * The image of a tree: all of its state that has to survive our own death, as plain data that shares nothing that
 * changes with the tree. It is taken between two events, at once: copying is cheap, and the expensive part, writing it,
 * can then be done in slices. A process that restores it and folds the events that came after has the same tree, which
 * takes the same decisions.
 *
 * Two things are left out, as they follow from the rest: the sets that `SoftState` and the phases imply, and the specs
 * that stand in the tree. The waits under way are the caller's: it has been given each as a `Wake`.
 */
import type { Child, Tree } from "../tree/Spec.ts"
import { closedBreaker } from "./Breaker.ts"
import { make } from "./Machine.ts"
import { childOf } from "./Path.ts"
import type { PathRecord } from "./PathRecord.ts"
import type { RestartWindow } from "./pacing/Intensity.ts"
import type { BreakerState, ChildState, GateState, SupervisorState, TreeState } from "./State.ts"
import { isActive } from "./transition.ts"

export interface TreeImage {
  readonly seed: number
  readonly now: number
  /** Of the root. */
  readonly record: RecordImage
  readonly supervisors: ReadonlyArray<SupervisorImage>
  readonly gate: Pick<GateState, "tokens" | "at" | "wakeAt"> | undefined
  /** The paths of the children that wait at the gate. */
  readonly queue: Ids
}

/** Without some fields, which a copy may still have as undefined. */
type Without<T, K extends keyof T> = Omit<T, K> & { readonly [Key in K]?: undefined }

type RecordImage = Without<PathRecord, "below">

type Ids = ReadonlyArray<string>
type Times = ReadonlyArray<readonly [id: string, at: number]>

/** What may be long. Children are named by their ids. */
export interface SupervisorLists {
  /** The records of which there is no child now, under their paths below the supervisor, parents first. */
  readonly records: ReadonlyArray<readonly [below: string, record: RecordImage]>
  /** The ids of the records just below it, in their order; empty if that is the order of the children. */
  readonly order: Ids
  readonly window: RestartWindow["entries"]
  readonly recentFailures: Times
  readonly toStop: Ids
  readonly toStart: Ids
  readonly retrying: Ids
  readonly bootWaitsFor: Ids
  readonly pendingOnNeed: Ids
  readonly pendingOnBreaker: Ids
  readonly breakerFailures: Times
  readonly suspects: Ids
}

/** What is the same in the image. */
type PlainFields = Pick<
  SupervisorState,
  "path" | "incarnation" | "nextPosition" | "startedAt" | "since" | "mode" | "hasBooted" | "exit" | "brutal" | "commonSilenceSince"
>

export interface SupervisorImage extends PlainFields, SupervisorLists {
  readonly children: ReadonlyArray<ChildImage>
  readonly breaker: (Pick<BreakerState, "phase" | "since" | "probes"> & { readonly probe: string | undefined }) | undefined
}

/** `spec`: of a child that was added; else it is the one that stands in its supervisor's. */
export interface ChildImage extends Without<Omit<ChildState, "record" | "spec" | "window">, "path" | "parent"> {
  readonly record: RecordImage
  readonly spec: Child | undefined
  readonly window: RestartWindow["entries"] | undefined
}

// ---------------------------------------------------------------- taking it

export function image(tree: TreeState): TreeImage {
  const { seed, now, gate, supervisors } = tree
  return {
    seed,
    now,
    record: recordImage(tree.record),
    supervisors: Array.from(supervisors.values(), (sup) => supervisorImage(tree, sup)),
    gate: gate && { tokens: gate.tokens, at: gate.at, wakeAt: gate.wakeAt },
    queue: gate === undefined ? [] : Array.from(gate.queue.keys(), ({ path }) => path)
  }
}

/** Here and in `childImage`: V8 copies a whole object as one block of memory; picking fields takes far longer. */
const recordImage = (record: PathRecord): RecordImage => ({ ...record, below: undefined })

const ids = (children: ReadonlySet<ChildState>): Ids => Array.from(children, ({ id }) => id)
const entriesOf = ({ entries, from }: RestartWindow): RestartWindow["entries"] => entries.slice(from)

function supervisorImage(tree: TreeState, sup: SupervisorState): SupervisorImage {
  const { breaker, record } = sup
  const written = new Map(sup.spec.type === "pool" ? [] : sup.spec.children.map((child) => [child.id, child] as const))
  const template = sup.spec.type === "pool" ? sup.spec.child : undefined
  const children: Array<ChildImage> = []
  const records: Array<readonly [string, RecordImage]> = []
  for (const child of sup.children.values()) {
    children.push(childImage(child, child.spec === (template ?? written.get(child.id))))
    if (child.record.below.size > 0 && !tree.supervisors.has(child.path)) recordsBelow(child.record, child.id, records)
  }
  const isInOrder = haveSameKeys(record.below, sup.children)
  if (!isInOrder) {
    for (const [id, one] of record.below) {
      if (sup.children.has(id)) continue
      records.push([id, recordImage(one)])
      recordsBelow(one, id, records)
    }
  }
  return {
    ...plainOf(sup),
    children,
    records,
    order: isInOrder ? [] : [...record.below.keys()],
    window: entriesOf(sup.window),
    recentFailures: [...sup.recentFailures],
    breaker: breaker && { phase: breaker.phase, since: breaker.since, probes: breaker.probes, probe: breaker.probe?.id },
    toStop: ids(sup.toStop),
    toStart: ids(sup.toStart),
    retrying: ids(sup.retrying),
    bootWaitsFor: ids(sup.bootWaitsFor),
    pendingOnNeed: ids(sup.pendingOnNeed),
    pendingOnBreaker: breaker === undefined ? [] : ids(breaker.pending),
    breakerFailures: breaker === undefined ? [] : [...breaker.recentFailures],
    suspects: ids(sup.suspects)
  }
}

const plainOf = (one: PlainFields): PlainFields => {
  const { path, incarnation, nextPosition, startedAt, since, mode, hasBooted, exit, brutal, commonSilenceSince } = one
  return { path, incarnation, nextPosition, startedAt, since, mode, hasBooted, exit, brutal, commonSilenceSince }
}

function recordsBelow({ below }: PathRecord, path: string, into: Array<readonly [string, RecordImage]>): void {
  for (const [id, record] of below) {
    into.push([childOf(path, id), recordImage(record)])
    recordsBelow(record, childOf(path, id), into)
  }
}

function haveSameKeys(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean {
  if (one.size !== other.size) return false
  const keys = other.keys()
  for (const key of one.keys()) if (key !== keys.next().value) return false
  return true
}

const childImage = (child: ChildState, isWritten: boolean): ChildImage => ({
  ...child,
  path: undefined,
  parent: undefined,
  record: recordImage(child.record),
  spec: isWritten ? undefined : child.spec,
  window: child.window && entriesOf(child.window),
  tickets: [...child.tickets]
})

// ---------------------------------------------------------------- restoring it

/** The tree as it was. `root`: the spec that it was made of. */
export function restore(root: Tree, taken: TreeImage): TreeState {
  const tree: TreeState = { ...make(root, taken.seed), now: taken.now, record: recordOf(taken.record) }
  for (const sup of taken.supervisors) restoreSupervisor(tree, sup)
  for (const sup of tree.supervisors.values()) for (const child of sup.children.values()) countIn(tree, child)
  if (tree.gate !== undefined && taken.gate !== undefined) restoreGate(tree, tree.gate, taken)
  return tree
}

const recordOf = (taken: RecordImage): PathRecord => ({ ...taken, below: new Map() })

/** In the order that they had: the oldest are forgotten first. */
function restoreRecords({ below }: PathRecord, { children, records, order }: SupervisorImage): void {
  const all = new Map(children.map(({ id, record }) => [id, record] as const))
  for (const [path, record] of records) all.set(path, record)
  for (const id of order.length > 0 ? order : children.map((child) => child.id)) below.set(id, recordOf(all.get(id)!))
  for (const [path, record] of records) {
    const [first = "", ...rest] = path.split("/")
    const id = rest.pop()
    if (id !== undefined) rest.reduce((above, step) => above.below.get(step)!, below.get(first)!).below.set(id, recordOf(record))
  }
}

/** Supervisors come parents first, as they were made. */
function restoreSupervisor(tree: TreeState, taken: SupervisorImage): void {
  const { breaker } = taken
  const own = tree.children.get(taken.path)
  const spec = (own?.spec ?? tree.root) as SupervisorState["spec"]
  const sup: SupervisorState = {
    ...plainOf(taken),
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
    window: { entries: [...taken.window], from: 0 },
    recentFailures: new Map(taken.recentFailures),
    breaker: spec.breaker && closedBreaker(spec.breaker),
    needed: new Set(),
    pendingOnNeed: new Set(),
    failed: new Set(),
    suspects: new Set()
  }
  tree.supervisors.set(sup.path, sup)
  restoreRecords(sup.record, taken)
  const written = new Map(spec.type === "pool" ? [] : spec.children.map((child) => [child.id, child] as const))
  for (const child of taken.children) {
    const own = child.spec ?? (spec.type === "pool" ? spec.child : written.get(child.id)!)
    restoreChild(tree, sup, own, child)
  }
  const into = (set: Set<ChildState>, names: Ids): void => {
    for (const id of names) {
      const child = sup.children.get(id)
      if (child !== undefined) set.add(child)
    }
  }
  into(sup.toStop, taken.toStop)
  into(sup.toStart, taken.toStart)
  into(sup.retrying, taken.retrying)
  into(sup.bootWaitsFor, taken.bootWaitsFor)
  into(sup.pendingOnNeed, taken.pendingOnNeed)
  into(sup.suspects, taken.suspects)
  if (sup.breaker === undefined || breaker === undefined) return
  Object.assign(sup.breaker, { phase: breaker.phase, since: breaker.since, probes: breaker.probes })
  sup.breaker.probe = breaker.probe === undefined ? undefined : sup.children.get(breaker.probe)
  into(sup.breaker.pending, taken.pendingOnBreaker)
  for (const [id, at] of taken.breakerFailures) sup.breaker.recentFailures.set(id, at)
}

function restoreChild(tree: TreeState, sup: SupervisorState, spec: Child, taken: ChildImage): void {
  const child: ChildState = {
    ...taken,
    path: childOf(sup.path, taken.id),
    parent: sup,
    spec,
    record: sup.record.below.get(taken.id)!,
    tickets: [...taken.tickets],
    window: taken.window && { entries: [...taken.window], from: 0 }
  }
  sup.children.set(child.id, child)
  tree.children.set(child.path, child)
  for (const need of child.spec.needs) sup.needed.add(need)
}

/** What follows from the phase of a child. */
function countIn(tree: TreeState, child: ChildState): void {
  if (child.phase === "failed") child.parent.failed.add(child)
  if (child.spec.type !== "worker") return
  tree.active += Number(isActive(child.phase))
  if (tree.gate !== undefined) tree.gate.starting += Number(child.phase === "starting")
}

function restoreGate(tree: TreeState, gate: GateState, { gate: taken, queue }: TreeImage): void {
  Object.assign(gate, taken)
  for (const path of queue) {
    const child = tree.children.get(path)
    if (child !== undefined) gate.queue.set(child, child.parent)
  }
}
