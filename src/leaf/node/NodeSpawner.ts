/**
 * The portable spawner, on `node:child_process`.
 *
 * Its leaves stop when this process ends by itself, by an error, by `process.exit` or by a signal; they survive its SIGKILL, and then nobody
 * knows them. It sees process groups: a process that makes its own session is not found. Output comes through socket pairs, so a
 * child cannot open /dev/stdout by name.
 */
import { onExit } from "signal-exit"
import type { Shutdown, Signal } from "../../tree/Spec.ts"
import { type Kill, kill } from "../os/kill.ts"
import { busy, CLOSED } from "../os/spawnErrors.ts"
import type { BeatListener, Life, SpawnCommand, Spawner } from "../Spawner.ts"
import { BLOCKED_AFTER_MS, Leaf, type SpawnerContext } from "./Leaf.ts"
import { Outbox } from "./Outbox.ts"
import { ProcessGroups } from "./ProcessGroup.ts"

/** Starting processes may block the loop for so long in one turn. Node takes about a millisecond for each, more in a large process. */
const START_SLICE_MS = 8
/** Of so many paths that have ended the last incarnation is known. */
const REMEMBERED_ENDS = 20_000

export interface NodeSpawnerOptions {
  /** How signals go out. Default `process.kill`, guarded. Tests put themselves in between. */
  readonly kill?: Kill
  /** Where the process table is. Default `/proc`; where there is none, zombies count as living members. */
  readonly proc?: string
  /** How long a process may take to die of SIGKILL before it is told as blocked. Default 5 seconds. */
  readonly blockedAfterMs?: number
}

export interface NodeSpawner extends Spawner {
  /** Kills everything, and tells nobody anything any more. */
  readonly close: () => void
  /** What waits for acknowledgement. */
  readonly kept: () => { readonly events: number; readonly bytes: number }
}

export function makeNodeSpawner(options: NodeSpawnerOptions = {}): NodeSpawner {
  const lives = new Lives(options)
  closeAtExit(lives)
  return {
    attach: (sink) => lives.outbox.attach(sink),
    acknowledge: (n) => lives.outbox.acknowledge(n),
    onBeats: (listener) => lives.onBeats(listener),
    spawn: (command) => lives.spawn(command),
    signal: (life, signal, to, sent) => sent(lives.signal(life, signal, to)),
    stop: (life, how) => lives.stop(life, how),
    killAll: () => lives.killAll(),
    close: () => {
      lives.killAll()
      lives.outbox.attach(undefined)
      lives.onBeats(undefined)
      open.delete(lives)
      if (open.size === 0) forgetExit()
    },
    kept: () => lives.outbox.size()
  }
}

/** Every spawner that was not closed, for the moment when this process ends: by itself, by an error, or by a signal nobody else handles. */
const open = new Set<Lives>()
let forgetExit = (): void => {}

function closeAtExit(lives: Lives): void {
  if (open.size === 0) forgetExit = onExit(killOpen)
  open.add(lives)
}

function killOpen(): void {
  for (const lives of open) lives.killAll()
}

/** The table of all lives, and the queue of those that wait for their start. */
class Lives {
  readonly outbox = new Outbox()
  private readonly ground: SpawnerContext
  /** The life of each path that has not ended. */
  private readonly living = new Map<string, Leaf>()
  /**
   * The highest incarnation of each path that has ended, so that a repeated command does not start it again. Pools make ever new
   * paths: beyond the limit those that ended first are forgotten. A command repeated that late would be a fault of the brain anyway.
   */
  private readonly ends = new Map<string, number>()
  private queue: Array<Leaf> = []
  private slice: NodeJS.Immediate | undefined = undefined
  private closed = false

  constructor({ kill: send = kill, proc = "/proc", blockedAfterMs = BLOCKED_AFTER_MS }: NodeSpawnerOptions) {
    this.ground = {
      outbox: this.outbox,
      beats: undefined,
      groups: new ProcessGroups(send, proc),
      kill: send,
      blockedAfterMs,
      ended: (leaf) => this.ended(leaf)
    }
  }

  spawn(command: SpawnCommand): void {
    const { path, incarnation } = command
    const older = this.living.get(path)
    const known = Math.max(this.ends.get(path) ?? Number.NEGATIVE_INFINITY, older?.account.incarnation ?? Number.NEGATIVE_INFINITY)
    if (incarnation <= known) return
    const leaf = new Leaf(command, this.ground)
    if (this.closed) return leaf.refuse(CLOSED)
    if (older !== undefined) return leaf.refuse(busy(older.account.incarnation, older.pid))
    this.living.set(path, leaf)
    this.queue.push(leaf)
    this.slice ??= setImmediate(() => this.startSome())
  }

  onBeats(listener: BeatListener | undefined): void {
    this.ground.beats = listener
  }

  signal(life: Life, signal: Signal, to: "leader" | "group"): boolean {
    return this.find(life)?.signal(signal, to) ?? false
  }

  stop(life: Life, how: Shutdown): void {
    this.find(life)?.stop(how)
  }

  killAll(): void {
    this.closed = true
    // First those that run: what their ends make others do must not be in the way.
    for (const leaf of this.living.values()) leaf.kill()
    for (const leaf of this.queue) leaf.stop("brutalKill")
    this.queue = []
  }

  private find({ path, incarnation }: Life): Leaf | undefined {
    const leaf = this.living.get(path)
    return leaf?.account.incarnation === incarnation ? leaf : undefined
  }

  /** Starts what waits, in order, and lets the loop turn in between. */
  private startSome(): void {
    this.slice = undefined
    const end = performance.now() + START_SLICE_MS
    const queue = this.queue
    let at = 0
    while (at < queue.length && (at === 0 || performance.now() < end)) queue[at++]!.start()
    // Not shift(), which moves the whole queue each time. The queue is another one if everything was killed in between.
    if (this.queue === queue) this.queue = queue.slice(at)
    if (this.queue.length > 0) this.slice ??= setImmediate(() => this.startSome())
  }

  private ended({ account }: Leaf): void {
    const { path, incarnation } = account
    if (this.living.get(path)?.account === account) this.living.delete(path)
    this.outbox.close(account)
    const highest = Math.max(incarnation, this.ends.get(path) ?? 0)
    // Deleted first, so that the map is in the order of the ends.
    this.ends.delete(path)
    this.ends.set(path, highest)
    if (this.ends.size <= REMEMBERED_ENDS) return
    for (const oldest of this.ends.keys()) {
      this.ends.delete(oldest)
      return
    }
  }
}
