/** What a tree remembers. Owned by `step` and changed in place: determinism is what matters here, not immutability. */
import type { Breaker, StartGate } from "../spec/Pacing.ts"
import type { Child, Pool, Supervisor } from "../spec/Spec.ts"
import type { Action, News } from "./Action.ts"
import type { Decision, HeldBy } from "./Decision.ts"
import type { Answer, Event, Life, Silence, Verdict } from "./Event.ts"
import type { Exit } from "./Exit.ts"
import type { Herd } from "./Herd.ts"
import { emptyWindow, type Window } from "./Intensity.ts"
import { evict, type Ledger, ledgerOf } from "./Ledger.ts"

/**
 * down: not running, nothing planned. waiting: its backoff runs. held: it waits for something else; nothing is counted against it meanwhile.
 * restarting: a restart failed, the retry is in the queue.
 * starting: spawned, not ready. up. stopping: told to end.
 */
export type Phase = "down" | "waiting" | "held" | "restarting" | "starting" | "up" | "stopping"

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
  /** Set when it was convicted and told to stop: what its exit will be, and when that was. */
  verdict: { readonly exit: Verdict; readonly at: number } | undefined
  /** Since when it is suspect, and of what. */
  suspect: { readonly silence: Silence; readonly at: number } | undefined
  /** Convicted, but so are others: it is not carried out yet. */
  pending: Verdict | undefined
  /** What a check that only reports has found. */
  ailing: string | undefined
  heldBy: HeldBy | undefined
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

/**
 * closed: all is well, or each fails for itself. open: many failed together; `ahead` is sent ahead. halfOpen: it is up, and must stay so.
 */
export interface BreakerState {
  readonly spec: Breaker
  phase: "closed" | "open" | "halfOpen"
  /** When it opened. */
  since: number
  /** How many were sent ahead. */
  tries: number
  ahead: ChildState | undefined
  /** Those who wait, first come first. */
  readonly held: Set<ChildState>
  /** Who has failed lately. */
  readonly herd: Herd
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
  tries: 0,
  ahead: undefined,
  held: new Set(),
  herd: new Map()
})

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
  /** Who has failed in the last second. */
  readonly herd: Herd
  readonly breaker: BreakerState | undefined
  /** The ids that some child names in its needs. */
  readonly needed: Set<string>
  /** Held because they need a sibling. */
  readonly needy: Set<ChildState>
  /** Those of its children who are suspect. */
  readonly suspects: Set<ChildState>
  /** Since when so many of them are that nobody is stopped for it. */
  silentSince: number | undefined
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
  /** Somebody who was starting is not any more. */
  | { readonly _tag: "Admit" }

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
  readonly gate: GateState | undefined
}

// ---------------------------------------------------------------- small things everybody needs

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
  herd: new Map(),
  breaker: "breaker" in init.spec && init.spec.breaker !== undefined ? closedBreaker(init.spec.breaker) : undefined,
  needed: new Set(),
  needy: new Set(),
  suspects: new Set(),
  silentSince: undefined,
  bornAt: now,
  since: now,
  mode: "booting",
  booted: false,
  exit: { _tag: "Shutdown" },
  brutal: false
})

/** A new child at the end of the list. */
export function add(tree: TreeState, sup: SupervisorState, id: string, spec: Child, argv: ReadonlyArray<string> = []): ChildState {
  evict(sup.ledger, sup.children)
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
    verdict: undefined,
    suspect: undefined,
    pending: undefined,
    ailing: undefined,
    heldBy: undefined,
    alone: false,
    lastExit: undefined,
    asked: [],
    askedFor: undefined
  }
  sup.children.set(id, child)
  for (const need of spec.needs) sup.needed.add(need)
  return child
}

export const isPool = (sup: SupervisorState): boolean => sup.spec.type === "pool"
export const hasProcess = (child: ChildState): boolean => child.phase === "up" || child.phase === "starting" || child.phase === "stopping"
export const life = (child: ChildState): Life => ({ path: child.path, incarnation: child.ledger.incarnation })

export function setPhase(tree: TreeState, child: ChildState, phase: Phase): void {
  if (child.spec.type === "worker") {
    tree.live += Number(phase !== "down") - Number(child.phase !== "down")
    if (tree.gate !== undefined) passGate(tree, tree.gate, child.phase, phase)
  }
  child.phase = phase
  child.since = tree.now
}

function passGate(tree: TreeState, gate: GateState, from: Phase, to: Phase): void {
  gate.starting += Number(to === "starting") - Number(from === "starting")
  if (from === "starting" && to !== "starting" && gate.queue.size > 0) tree.post.push({ _tag: "Admit" })
}

export const act = (tree: TreeState, action: Action): void => void tree.actions.push(action)
export const tell = (tree: TreeState, news: News): void => act(tree, { _tag: "News", news })
export const decide = (tree: TreeState, decision: Decision): void => act(tree, { _tag: "Decide", decision })
export const reply = (tree: TreeState, ticket: number, answer: Answer): void => act(tree, { _tag: "Reply", ticket, answer })

/** Everybody who waits for this child hears the same. */
export function answer(tree: TreeState, child: ChildState, what: Answer): void {
  for (const ticket of child.asked) reply(tree, ticket, what)
  child.asked = []
  child.askedFor = undefined
}
