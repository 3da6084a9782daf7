/** What a tree remembers. Owned by `step` and changed in place: determinism is what matters here, not immutability. */
import type { Breaker, StartGate } from "../tree/Pacing.ts"
import type { Child, Pool, Supervisor } from "../tree/Spec.ts"
import type { Action, News } from "./Action.ts"
import type { Decision, PendingOn } from "./Decision.ts"
import type { Answer, ConvictionExit, Event, HeartbeatSilence, Incarnation } from "./Event.ts"
import type { Exit } from "./Exit.ts"
import { evict, type PathRecord, recordOf } from "./PathRecord.ts"
import { emptyWindow, type RestartWindow } from "./pacing/Intensity.ts"
import type { RecentFailures } from "./pacing/RecentFailures.ts"

/**
 * down: not running, nothing planned. waiting: its backoff runs. held: it waits for something else; nothing is counted against it meanwhile.
 * restarting: a restart failed, the retry is in the queue.
 * starting: spawned, not ready. up. stopping: told to end.
 */
export type Phase = "down" | "backoff" | "pending" | "restarting" | "starting" | "up" | "stopping"

export interface ChildState {
  readonly id: string
  /** Its place in the order of its siblings. */
  readonly position: number
  readonly path: string
  readonly spec: Child
  /** Appended to the command, by whoever started this instance of a pool. */
  readonly argv: ReadonlyArray<string>
  readonly record: PathRecord
  phase: Phase
  /** When this phase began. */
  since: number
  /** While it waits: when its backoff ends. While it is stopping: when it is killed. */
  until: number
  /** Has it been up in this life of its supervisor? */
  wasUp: boolean
  /** Set when its start timeout has passed and it was told to stop: how long it had been starting. Its exit will be a failed start. */
  overdueAfterMs: number | undefined
  /** Set when it was convicted and told to stop: what its exit will be, and when that was. */
  conviction: { readonly exit: ConvictionExit; readonly at: number } | undefined
  /** Since when it is suspect, and of what. */
  suspect: { readonly silence: HeartbeatSilence; readonly at: number } | undefined
  /** Convicted, but so are others: it is not carried out yet. */
  deferredConviction: ConvictionExit | undefined
  /** What a check that only reports has found. */
  failingCheck: string | undefined
  pendingOn: PendingOn | undefined
  /** Condemned or owed for its own sake, not with others: waits for nobody, and nobody waits for it. */
  independent: boolean
  lastExit: Exit | undefined
  /**
   * Who waits for the outcome of this start or stop; all for the same one. A failed start is the caller's affair after `start` (the child
   * was new, and is forgotten) and `restart` (its spec stays); after `again` (restarted by the operator) it is retried all the same.
   */
  tickets: Array<number>
  askedFor: "start" | "restart" | "again" | "terminate" | undefined
}

/**
 * closed: all is well, or each fails for itself. open: many failed together; `ahead` is sent ahead. halfOpen: it is up, and must stay so.
 */
export interface BreakerState {
  readonly spec: Breaker
  phase: "closed" | "open" | "halfOpen"
  /** When it opened. */
  since: number
  /** How many were sent ahead. */
  probes: number
  probe: ChildState | undefined
  /** Those who wait, first come first. */
  readonly pending: Set<ChildState>
  /** Who has failed lately. */
  readonly recentFailures: RecentFailures
}

/** The start gate of the whole tree: a token bucket, and those who wait for a token, first come first. */
export interface GateState {
  readonly spec: StartGate
  tokens: number
  /** When the tokens were last counted. */
  at: number
  /** When it looks again, if it is going to. */
  wakeAt: number
  /** Processes on their way to being ready. */
  starting: number
  readonly queue: Map<ChildState, SupervisorState>
  /** Whose turn it is. */
  admitted: ChildState | undefined
}

const closedBreaker = (spec: Breaker): BreakerState => ({
  spec,
  phase: "closed",
  since: 0,
  probes: 0,
  probe: undefined,
  pending: new Set(),
  recentFailures: new Map()
})

export interface SupervisorState extends Incarnation {
  readonly id: string
  /** Undefined at the root. */
  readonly parent: string | undefined
  readonly spec: Supervisor | Pool
  readonly record: PathRecord
  /** In start order. */
  readonly children: Map<string, ChildState>
  /** The place of the next child. */
  nextPosition: number
  /** To be stopped, or being stopped. */
  readonly toStop: Set<ChildState>
  /** To be started, or being started. */
  readonly toStart: Set<ChildState>
  /** Condemned or owed for their own sake, and not looked at yet. */
  runnable: Array<ChildState>
  /** Their restart has failed, and the retry is in the queue. */
  readonly retrying: Set<ChildState>
  /** Those that boot still waits for. */
  readonly bootWaitsFor: Set<ChildState>
  readonly window: RestartWindow
  /** Who has failed in the last second. */
  readonly recentFailures: RecentFailures
  readonly breaker: BreakerState | undefined
  /** The ids that some child names in its needs. */
  readonly needed: Set<string>
  /** Held because they need a sibling. */
  readonly pendingOnNeed: Set<ChildState>
  /** Those of its children who are suspect. */
  readonly suspects: Set<ChildState>
  /** Since when so many of them are that nobody is stopped for it. */
  commonSilenceSince: number | undefined
  readonly startedAt: number
  /** When its mode began. */
  since: number
  mode: "booting" | "running" | "ending"
  hasBooted: boolean
  /** Why it ends. */
  exit: Exit
  /** Killed: so is everything below. */
  brutal: boolean
}

/** Sent from supervisor to supervisor of the same tree, beside what comes from outside. */
export type Internal =
  | ({
      readonly _tag: "Init"
      readonly parent: string | undefined
      readonly spec: Supervisor | Pool
      readonly ledger: PathRecord
    } & Incarnation)
  | ({ readonly _tag: "StopSupervisor" | "KillSupervisor" } & Incarnation)
  /** Somebody who was starting is not any more. */
  | { readonly _tag: "Admit" }

export interface TreeState {
  readonly root: Supervisor | Pool
  readonly rootPath: string
  readonly seed: number
  readonly supervisors: Map<string, SupervisorState>
  readonly record: PathRecord
  now: number
  /** What is to be handled in this step, in order. Inner and outer supervisors talk through it, never by recursion. */
  readonly mailbox: Array<Event | Internal>
  actions: Array<Action>
  /** Workers that run, or are going to. */
  active: number
  /** A child has just finished for good. */
  finished: boolean
  readonly gate: GateState | undefined
}

// ---------------------------------------------------------------- small things everybody needs

export const newSupervisor = (init: Extract<Internal, { _tag: "Init" }>, now: number): SupervisorState => ({
  path: init.path,
  incarnation: init.incarnation,
  id: init.spec.id,
  parent: init.parent,
  spec: init.spec,
  record: init.ledger,
  children: new Map(),
  nextPosition: 0,
  toStop: new Set(),
  toStart: new Set(),
  runnable: [],
  retrying: new Set(),
  bootWaitsFor: new Set(),
  window: emptyWindow(),
  recentFailures: new Map(),
  breaker: "breaker" in init.spec && init.spec.breaker !== undefined ? closedBreaker(init.spec.breaker) : undefined,
  needed: new Set(),
  pendingOnNeed: new Set(),
  suspects: new Set(),
  commonSilenceSince: undefined,
  startedAt: now,
  since: now,
  mode: "booting",
  hasBooted: false,
  exit: { _tag: "Shutdown" },
  brutal: false
})

/** A new child at the end of the list. */
export function add(tree: TreeState, sup: SupervisorState, id: string, spec: Child, argv: ReadonlyArray<string> = []): ChildState {
  evict(sup.record, sup.children)
  const child: ChildState = {
    id,
    position: sup.nextPosition++,
    path: `${sup.path}/${id}`,
    spec,
    argv,
    record: recordOf(sup.record, id),
    phase: "down",
    since: tree.now,
    until: 0,
    wasUp: false,
    overdueAfterMs: undefined,
    conviction: undefined,
    suspect: undefined,
    deferredConviction: undefined,
    failingCheck: undefined,
    pendingOn: undefined,
    independent: false,
    lastExit: undefined,
    tickets: [],
    askedFor: undefined
  }
  sup.children.set(id, child)
  for (const need of spec.needs) sup.needed.add(need)
  return child
}

export const isPool = (sup: SupervisorState): boolean => sup.spec.type === "pool"
export const hasProcess = (child: ChildState): boolean => child.phase === "up" || child.phase === "starting" || child.phase === "stopping"
export const incarnationOf = (child: ChildState): Incarnation => ({ path: child.path, incarnation: child.record.incarnation })

export function setPhase(tree: TreeState, child: ChildState, phase: Phase): void {
  if (child.spec.type === "worker") {
    tree.active += Number(phase !== "down") - Number(child.phase !== "down")
    if (tree.gate !== undefined) passGate(tree, tree.gate, child.phase, phase)
  }
  child.phase = phase
  child.since = tree.now
}

function passGate(tree: TreeState, gate: GateState, from: Phase, to: Phase): void {
  gate.starting += Number(to === "starting") - Number(from === "starting")
  if (from === "starting" && to !== "starting" && gate.queue.size > 0) tree.mailbox.push({ _tag: "Admit" })
}

export const act = (tree: TreeState, action: Action): void => void tree.actions.push(action)
export const tell = (tree: TreeState, news: News): void => act(tree, { _tag: "News", news })
export const decide = (tree: TreeState, decision: Decision): void => act(tree, { _tag: "Decide", decision })
export const reply = (tree: TreeState, ticket: number, answer: Answer): void => act(tree, { _tag: "Reply", ticket, answer })

/** Everybody who waits for this child hears the same. */
export function answer(tree: TreeState, child: ChildState, what: Answer): void {
  for (const ticket of child.tickets) reply(tree, ticket, what)
  child.tickets = []
  child.askedFor = undefined
}
