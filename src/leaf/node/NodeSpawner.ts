/**
 * The portable spawner, on `node:child_process`.
 *
 * Its leaves stop when this process ends by itself, by an error, by `process.exit` or by a signal. They survive its
 * SIGKILL, and are then unknown to any supervisor. It sees process groups: a process that starts its own session is not
 * found.
 */
import { onExit } from "signal-exit"
import type { Incarnation } from "../../core/Event.ts"
import type { Shutdown, Signal } from "../../tree/Spec.ts"
import { type Kill, kill } from "../os/kill.ts"
import { busy, CLOSED } from "../os/spawnErrors.ts"
import type { BeatListener, SpawnCommand, Spawner } from "../Spawner.ts"
import { BLOCKED_AFTER_MS, Leaf, type SpawnerContext } from "./Leaf.ts"
import { Outbox } from "./Outbox.ts"
import { ProcessGroups } from "./ProcessGroup.ts"
import { PipeStock } from "./pipes.ts"

/**
 * How long starting processes may block the event loop at a time. Node takes about a millisecond for each, more in a
 * large process.
 */
const START_SLICE_MS = 8
/** For how many paths that have ended the last incarnation is remembered. */
const REMEMBERED_ENDS = 20_000

export interface NodeSpawnerOptions {
  /** Sends a signal. Default `process.kill`, guarded. Tests replace it. */
  readonly kill?: Kill
  /** Where the process table is. Default `/proc`. Where there is none, zombies count as living members. */
  readonly proc?: string
  /** How long a process may take to die of SIGKILL before it is reported as blocked. Default 5 seconds. */
  readonly blockedAfterMs?: number
}

export interface NodeSpawner extends Spawner {
  /** Kills everything, and reports nothing any more. */
  readonly close: () => void
  /** How much waits for acknowledgement. */
  readonly kept: () => { readonly events: number; readonly bytes: number }
}

export function makeNodeSpawner(options: NodeSpawnerOptions = {}): NodeSpawner {
  const leaves = new Leaves(options)
  closeAtExit(leaves)
  return {
    attach: (sink) => leaves.outbox.attach(sink),
    acknowledge: (n) => leaves.outbox.acknowledge(n),
    onBeats: (listener) => leaves.onBeats(listener),
    spawn: (command) => leaves.spawn(command),
    signal: (leaf, signal, to, sent) => sent(leaves.signal(leaf, signal, to)),
    stop: (leaf, how) => leaves.stop(leaf, how),
    killAll: () => leaves.killAll(),
    close: () => {
      leaves.killAll()
      leaves.outbox.attach(undefined)
      leaves.onBeats(undefined)
      openSpawners.delete(leaves)
      if (openSpawners.size === 0) removeExitHook()
    },
    kept: () => leaves.outbox.size()
  }
}

/**
 * Every spawner that is not closed, to be killed when this process ends: by itself, by an error, or by a signal that
 * nothing else handles.
 */
const openSpawners = new Set<Leaves>()
let removeExitHook = (): void => {}

function closeAtExit(leaves: Leaves): void {
  if (openSpawners.size === 0) removeExitHook = onExit(killAllOpen)
  openSpawners.add(leaves)
}

function killAllOpen(): void {
  for (const leaves of openSpawners) leaves.killAll()
}

/** All leaves that have not ended, and the queue of those that wait for their start. */
class Leaves {
  readonly outbox = new Outbox()
  private readonly context: SpawnerContext
  /** The leaf at each path, until it has ended. */
  private readonly current = new Map<string, Leaf>()
  /**
   * The highest incarnation of each path that has ended, so that a repeated command does not start it again. A pool
   * keeps making new paths: beyond the limit those that ended first are forgotten. A command repeated that late would
   * be a bug of the caller.
   */
  private readonly ends = new Map<string, number>()
  private queue: Array<Leaf> = []
  private slice: NodeJS.Immediate | undefined = undefined
  private closed = false

  constructor({ kill: send = kill, proc = "/proc", blockedAfterMs = BLOCKED_AFTER_MS }: NodeSpawnerOptions) {
    this.context = {
      outbox: this.outbox,
      beats: undefined,
      groups: new ProcessGroups(send, proc),
      pipes: new PipeStock(),
      kill: send,
      blockedAfterMs,
      onEnded: (leaf) => this.onEnded(leaf)
    }
  }

  spawn(command: SpawnCommand): void {
    const { path, incarnation } = command
    const previous = this.current.get(path)
    const highest = Math.max(this.ends.get(path) ?? Number.NEGATIVE_INFINITY, previous?.quota.incarnation ?? Number.NEGATIVE_INFINITY)
    if (incarnation <= highest) return
    const leaf = new Leaf(command, this.context)
    if (this.closed) return leaf.failToStart(CLOSED)
    if (previous !== undefined) return leaf.failToStart(busy(previous.quota.incarnation, previous.pid))
    this.current.set(path, leaf)
    this.queue.push(leaf)
    this.slice ??= setImmediate(() => this.startSome())
  }

  onBeats(listener: BeatListener | undefined): void {
    this.context.beats = listener
  }

  signal(leaf: Incarnation, signal: Signal, to: "leader" | "group"): boolean {
    return this.find(leaf)?.signal(signal, to) ?? false
  }

  stop(leaf: Incarnation, how: Shutdown): void {
    this.find(leaf)?.stop(how)
  }

  killAll(): void {
    this.closed = true
    // Running leaves first: callbacks that their ends trigger must not interfere with the queue.
    for (const leaf of this.current.values()) leaf.kill()
    for (const leaf of this.queue) leaf.stop("brutalKill")
    this.queue = []
    this.context.pipes.close()
  }

  private find({ path, incarnation }: Incarnation): Leaf | undefined {
    const leaf = this.current.get(path)
    return leaf?.quota.incarnation === incarnation ? leaf : undefined
  }

  /** Starts queued leaves in order, and lets the event loop turn in between. */
  private startSome(): void {
    this.slice = undefined
    const end = performance.now() + START_SLICE_MS
    const queue = this.queue
    this.context.pipes.expect(2 * queue.length)
    let at = 0
    while (at < queue.length && (at === 0 || performance.now() < end)) queue[at++]!.start()
    // Not shift(), which moves the whole queue each time. `this.queue` is another one if everything was killed
    // meanwhile.
    if (this.queue === queue) this.queue = queue.slice(at)
    if (this.queue.length > 0) this.slice ??= setImmediate(() => this.startSome())
    else this.context.pipes.expect(0)
  }

  private onEnded({ quota }: Leaf): void {
    const { path, incarnation } = quota
    if (this.current.get(path)?.quota === quota) this.current.delete(path)
    this.outbox.close(quota)
    const highest = Math.max(incarnation, this.ends.get(path) ?? 0)
    // Deleted first, so that the map stays in the order of the ends.
    this.ends.delete(path)
    this.ends.set(path, highest)
    if (this.ends.size <= REMEMBERED_ENDS) return
    for (const oldest of this.ends.keys()) {
      this.ends.delete(oldest)
      return
    }
  }
}
