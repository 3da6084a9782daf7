/** What a tree remembers. Owned by `step` and changed in place: determinism is what matters here, not immutability. */
import type { Child, Pool, Supervisor } from "../spec/Spec.ts"
import type { Action, News } from "./Action.ts"
import type { Answer, Event, Life } from "./Event.ts"
import type { Exit } from "./Exit.ts"
import { emptyWindow, type Window } from "./Intensity.ts"

/**
 * down: not running, nothing planned. waiting: its backoff runs. restarting: a restart failed, the retry is in the queue.
 * starting: spawned, not ready. up. stopping: told to end.
 */
export type Phase = "down" | "waiting" | "restarting" | "starting" | "up" | "stopping"

/** What outlives a life of a supervisor, for one path: numbers that never go back, and the operator's word. */
interface Ledger {
  /** Of the life under way, or of the last one; 0 before the first. */
  incarnation: number
  /** Restarts since it was last up for long enough. */
  attempt: number
  /** Those it has caused: counted by its supervisor, and carried out. An operator's, and those it fell into with others, are not among them. */
  restarts: number
  /** Stopped by the operator, and to stay so. */
  held: boolean
  /** Of a pool: the highest number ever given to an instance. */
  instances: number
  /** No number below is lower: what is evicted from `below` leaves its highest here. */
  floor: number
  readonly below: Map<string, Ledger>
}

export interface ChildState {
  readonly id: string
  /** Its place in the order of its siblings. */
  readonly place: number
  readonly path: string
  readonly spec: Child
  /** Appended to the command, by whoever started this instance of a pool. */
  readonly argv: ReadonlyArray<string>
  readonly ledger: Ledger
  phase: Phase
  /** When this phase began. */
  since: number
  /** While it waits: when its backoff ends. While it is stopping: when it is killed. */
  until: number
  /** Has it been up in this life of its supervisor? */
  wasUp: boolean
  /** Set when its start timeout has passed and it was told to stop: how long it had been starting. Its exit will be a failed start. */
  overdueAfterMs: number | undefined
  /** Condemned or owed for its own sake, not with others: waits for nobody, and nobody waits for it. */
  alone: boolean
  lastExit: Exit | undefined
  /**
   * Who waits for the outcome of this start or stop; all for the same one. A failed start is the caller's affair after `start` (the child
   * was new, and is forgotten) and `restart` (its spec stays); after `again` (restarted by the operator) it is retried all the same.
   */
  asked: Array<number>
  askedFor: "start" | "restart" | "again" | "terminate" | undefined
}

export interface SupervisorState extends Life {
  readonly id: string
  /** Undefined at the root. */
  readonly parent: string | undefined
  readonly spec: Supervisor | Pool
  readonly ledger: Ledger
  /** In start order. */
  readonly children: Map<string, ChildState>
  /** The place of the next child. */
  places: number
  /** To be stopped, or being stopped. */
  readonly condemned: Set<ChildState>
  /** To be started, or being started. */
  readonly owed: Set<ChildState>
  /** Condemned or owed for their own sake, and not looked at yet. */
  agenda: Array<ChildState>
  /** Their restart has failed, and the retry is in the queue. */
  readonly retrying: Set<ChildState>
  /** Those that boot still waits for. */
  readonly boot: Set<ChildState>
  readonly window: Window
  readonly bornAt: number
  /** When its mode began. */
  since: number
  mode: "booting" | "running" | "ending"
  booted: boolean
  /** Why it ends. */
  exit: Exit
  /** Killed: so is everything below. */
  brutal: boolean
}

/** Sent from supervisor to supervisor of the same tree, beside what comes from outside. */
export type Internal =
  | ({ readonly _tag: "Init"; readonly parent: string | undefined; readonly spec: Supervisor | Pool; readonly ledger: Ledger } & Life)
  | ({ readonly _tag: "StopSupervisor" | "KillSupervisor" } & Life)

export interface TreeState {
  readonly root: Supervisor | Pool
  readonly rootPath: string
  readonly seed: number
  readonly supervisors: Map<string, SupervisorState>
  readonly ledger: Ledger
  now: number
  /** What is to be handled in this step, in order. Inner and outer supervisors talk through it, never by recursion. */
  readonly post: Array<Event | Internal>
  actions: Array<Action>
  /** Workers that run, or are going to. */
  live: number
  /** A child has just finished for good. */
  finished: boolean
}

// ---------------------------------------------------------------- small things everybody needs

/** So many children that are gone are remembered by their own ledger, for each supervisor; of the older ones only the highest number. */
const FORGOTTEN_MAX = 10_000

export const newLedger = (floor = 0): Ledger => ({
  incarnation: floor,
  attempt: 0,
  restarts: 0,
  held: false,
  instances: 0,
  floor,
  below: new Map()
})

function ledgerOf(above: Ledger, id: string): Ledger {
  const known = above.below.get(id)
  if (known !== undefined) return known
  const fresh = newLedger(above.floor)
  above.below.set(id, fresh)
  return fresh
}

export const newSupervisor = (init: Extract<Internal, { _tag: "Init" }>, now: number): SupervisorState => ({
  path: init.path,
  incarnation: init.incarnation,
  id: init.spec.id,
  parent: init.parent,
  spec: init.spec,
  ledger: init.ledger,
  children: new Map(),
  places: 0,
  condemned: new Set(),
  owed: new Set(),
  agenda: [],
  retrying: new Set(),
  boot: new Set(),
  window: emptyWindow(),
  bornAt: now,
  since: now,
  mode: "booting",
  booted: false,
  exit: { _tag: "Shutdown" },
  brutal: false
})

/** Numbers never go back, and books never grow without bound. */
function evict(sup: SupervisorState): void {
  const { ledger, children } = sup
  if (ledger.below.size < children.size + FORGOTTEN_MAX) return
  for (const [id, gone] of ledger.below) {
    if (children.has(id)) continue
    ledger.floor = Math.max(ledger.floor, highest(gone))
    ledger.below.delete(id)
  }
}

const highest = (ledger: Ledger): number => Math.max(ledger.incarnation, ledger.floor, ...[...ledger.below.values()].map(highest))

/** A new child at the end of the list. */
export function add(tree: TreeState, sup: SupervisorState, id: string, spec: Child, argv: ReadonlyArray<string> = []): ChildState {
  evict(sup)
  const child: ChildState = {
    id,
    place: sup.places++,
    path: `${sup.path}/${id}`,
    spec,
    argv,
    ledger: ledgerOf(sup.ledger, id),
    phase: "down",
    since: tree.now,
    until: 0,
    wasUp: false,
    overdueAfterMs: undefined,
    alone: false,
    lastExit: undefined,
    asked: [],
    askedFor: undefined
  }
  sup.children.set(id, child)
  return child
}

export const isPool = (sup: SupervisorState): boolean => sup.spec.type === "pool"
export const hasProcess = (child: ChildState): boolean => child.phase === "up" || child.phase === "starting" || child.phase === "stopping"
export const life = (child: ChildState): Life => ({ path: child.path, incarnation: child.ledger.incarnation })

export function setPhase(tree: TreeState, child: ChildState, phase: Phase): void {
  if (child.spec.type === "worker") tree.live += Number(phase !== "down") - Number(child.phase !== "down")
  child.phase = phase
  child.since = tree.now
}

export const act = (tree: TreeState, action: Action): void => void tree.actions.push(action)
export const tell = (tree: TreeState, news: News): void => act(tree, { _tag: "News", news })
export const reply = (tree: TreeState, ticket: number, answer: Answer): void => act(tree, { _tag: "Reply", ticket, answer })

/** Everybody who waits for this child hears the same. */
export function answer(tree: TreeState, child: ChildState, what: Answer): void {
  for (const ticket of child.asked) reply(tree, ticket, what)
  child.asked = []
  child.askedFor = undefined
}
