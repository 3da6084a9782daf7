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
  readonly gate: GateImage | undefined
}

interface GateImage extends Pick<GateState, "tokens" | "at" | "wakeAt"> {
  /** Paths. */
  readonly queue: ReadonlyArray<string>
}

/** `below`: of a supervisor that does not run; those below a running one are with its image. */
export interface RecordImage extends Omit<PathRecord, "below"> {
  readonly below: Below
}
type Below = ReadonlyArray<readonly [id: string, record: RecordImage]>

type Ids = ReadonlyArray<string>
type Times = ReadonlyArray<readonly [id: string, at: number]>

/** Children are named by their ids. */
export interface SupervisorImage
  extends Pick<
    SupervisorState,
    "path" | "incarnation" | "nextPosition" | "startedAt" | "since" | "mode" | "hasBooted" | "exit" | "brutal" | "commonSilenceSince"
  > {
  readonly children: ReadonlyArray<ChildImage>
  /** The records of children that are gone. */
  readonly gone: Below
  /** The ids of all records, in their order. */
  readonly order: Ids
  readonly window: RestartWindow["entries"]
  readonly recentFailures: Times
  readonly breaker: BreakerImage | undefined
  readonly toStop: Ids
  readonly toStart: Ids
  readonly retrying: Ids
  readonly bootWaitsFor: Ids
  readonly pendingOnNeed: Ids
  readonly suspects: Ids
}

interface BreakerImage extends Pick<BreakerState, "phase" | "since" | "probes"> {
  readonly probe: string | undefined
  readonly pending: Ids
  readonly recentFailures: Times
}

/** `spec`: of a child that was added; else it is the one that stands in its supervisor's. */
export interface ChildImage extends Omit<ChildState, "path" | "parent" | "record" | "spec" | "window"> {
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
    record: recordImage(tree.record, supervisors.has(tree.rootPath)),
    supervisors: Array.from(supervisors.values(), (sup) => supervisorImage(tree, sup)),
    gate: gate && { tokens: gate.tokens, at: gate.at, wakeAt: gate.wakeAt, queue: Array.from(gate.queue.keys(), ({ path }) => path) }
  }
}

/** Written out field by field here and below: copying by rest and spread is ten times slower. */
function recordImage(record: PathRecord, isRunning: boolean): RecordImage {
  const { incarnation, attempt, score, restarts, hold, instances, floor, below } = record
  return { incarnation, attempt, score, restarts, hold, instances, floor, below: isRunning ? NONE : belowImage(below) }
}

const NONE: Below = []
const belowImage = (below: PathRecord["below"]): Below =>
  below.size === 0 ? NONE : Array.from(below, ([id, record]) => [id, recordImage(record, false)] as const)

const ids = (children: ReadonlySet<ChildState>): Ids => Array.from(children, ({ id }) => id)
const entriesOf = ({ entries, from }: RestartWindow): RestartWindow["entries"] => entries.slice(from)

function supervisorImage(tree: TreeState, sup: SupervisorState): SupervisorImage {
  const { path, incarnation, nextPosition, startedAt, since, mode, hasBooted, exit, brutal, commonSilenceSince, breaker, record } = sup
  const written = new Map(sup.spec.type === "pool" ? [] : sup.spec.children.map((child) => [child.id, child] as const))
  const template = sup.spec.type === "pool" ? sup.spec.child : undefined
  const gone: Array<readonly [string, RecordImage]> = []
  for (const [id, one] of record.below) if (!sup.children.has(id)) gone.push([id, recordImage(one, false)])
  return {
    path,
    incarnation,
    nextPosition,
    startedAt,
    since,
    mode,
    hasBooted,
    exit,
    brutal,
    commonSilenceSince,
    children: Array.from(sup.children.values(), (child) => childImage(tree, child, child.spec === (template ?? written.get(child.id)))),
    gone,
    order: gone.length === 0 ? [] : [...record.below.keys()],
    window: entriesOf(sup.window),
    recentFailures: [...sup.recentFailures],
    breaker: breaker && {
      phase: breaker.phase,
      since: breaker.since,
      probes: breaker.probes,
      probe: breaker.probe?.id,
      pending: ids(breaker.pending),
      recentFailures: [...breaker.recentFailures]
    },
    toStop: ids(sup.toStop),
    toStart: ids(sup.toStart),
    retrying: ids(sup.retrying),
    bootWaitsFor: ids(sup.bootWaitsFor),
    pendingOnNeed: ids(sup.pendingOnNeed),
    suspects: ids(sup.suspects)
  }
}

function childImage(tree: TreeState, child: ChildState, isWritten: boolean): ChildImage {
  return {
    id: child.id,
    position: child.position,
    record: recordImage(child.record, child.spec.type !== "worker" && tree.supervisors.has(child.path)),
    spec: isWritten ? undefined : child.spec,
    argv: child.argv,
    phase: child.phase,
    since: child.since,
    until: child.until,
    process: child.process,
    blocked: child.blocked,
    wasUp: child.wasUp,
    isExtended: child.isExtended,
    overdueAfterMs: child.overdueAfterMs,
    conviction: child.conviction,
    suspect: child.suspect,
    deferredConviction: child.deferredConviction,
    failingCheck: child.failingCheck,
    pendingOn: child.pendingOn,
    independent: child.independent,
    lastExit: child.lastExit,
    window: child.window && entriesOf(child.window),
    failures: child.failures,
    tickets: child.tickets.length === 0 ? NO_TICKETS : [...child.tickets],
    askedFor: child.askedFor
  }
}

const NO_TICKETS: Array<number> = []

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

/** In the order that they had: the oldest are forgotten first. */
function restoreRecords({ below }: PathRecord, { children, gone, order }: SupervisorImage): void {
  const all = new Map<string, RecordImage>([...gone, ...children.map(({ id, record }) => [id, record] as const)])
  for (const id of order.length > 0 ? order : all.keys()) below.set(id, recordOf(all.get(id)!))
}

/** Supervisors come parents first, as they were made. */
function restoreSupervisor(tree: TreeState, taken: SupervisorImage): void {
  const { children, gone: __, order: ___, window, recentFailures, breaker, toStop, toStart, retrying, ...more } = taken
  const { bootWaitsFor, pendingOnNeed, suspects, ...rest } = more
  const own = tree.children.get(taken.path)
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
  restoreRecords(sup.record, taken)
  const written = new Map(spec.type === "pool" ? [] : spec.children.map((child) => [child.id, child] as const))
  for (const child of children) {
    const own = child.spec ?? (spec.type === "pool" ? spec.child : written.get(child.id)!)
    restoreChild(tree, sup, own, child)
  }
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

function restoreChild(tree: TreeState, sup: SupervisorState, spec: Child, { spec: _, window, record: __, ...rest }: ChildImage): void {
  const child: ChildState = {
    ...rest,
    path: childOf(sup.path, rest.id),
    parent: sup,
    spec,
    record: sup.record.below.get(rest.id)!,
    tickets: [...rest.tickets],
    window: window && { entries: [...window], from: 0 }
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

function restoreGate(tree: TreeState, gate: GateState, { queue, ...taken }: GateImage): void {
  Object.assign(gate, taken)
  for (const path of queue) {
    const child = tree.children.get(path)
    if (child !== undefined) gate.queue.set(child, child.parent)
  }
}
