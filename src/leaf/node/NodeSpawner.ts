/**
 * The portable spawner, on `node:child_process`.
 *
 * Its leaves stop when this process ends by itself, by an error, by `process.exit` or by a signal. They survive its
 * SIGKILL, and are then unknown to any supervisor.
 */
import type { Incarnation } from "../../core/Event.ts"
import type { Shutdown, Signal } from "../../tree/Spec.ts"
import { closeAtExit } from "../closeAtExit.ts"
import { Outbox } from "../Outbox.ts"
import { type Kill, kill } from "../os/kill.ts"
import { Strays } from "../os/Strays.ts"
import { busy, CLOSED } from "../os/spawnErrors.ts"
import type { BeatListener, OwnedSpawner, SpawnCommand } from "../Spawner.ts"
import { BLOCKED_AFTER_MS, Leaf, type SpawnerContext } from "./Leaf.ts"
import { ProcessGroups } from "./ProcessGroup.ts"
import { PipeStock } from "./pipes.ts"
import { StartQueue } from "./StartQueue.ts"

/**
 * How long starting processes may block the event loop at a time. Node takes about a millisecond for each, more in a
 * large process.
 */
const START_SLICE_MS = 8
/** For how many paths that have ended the last incarnation is remembered. */
const REMEMBERED_ENDS = 20_000
/** A leaf that ends twice within this time is failing. */
const FAILING_MS = 60_000

export interface NodeSpawnerOptions {
  /** Sends a signal. Default `process.kill`, guarded. Tests replace it. */
  readonly kill?: Kill
  /** Where the process table is. Default `/proc`. Where there is none, zombies count as living members. */
  readonly proc?: string
  /** How long a process may take to die of SIGKILL before it is reported as blocked. Default 5 seconds. */
  readonly blockedAfterMs?: number
}

export function makeNodeSpawner(options: NodeSpawnerOptions = {}): OwnedSpawner {
  const leaves = new Leaves(options)
  const closed = closeAtExit(leaves)
  return {
    attach: (sink) => leaves.outbox.attach(sink),
    acknowledge: (n) => leaves.outbox.acknowledge(n),
    onBeats: (listener) => leaves.onBeats(listener),
    wantOutput: () => {}, // it has to be read anyway, and then it is reported
    spawn: (command) => leaves.spawn(command),
    signal: (leaf, signal, to, sent) => sent(leaves.signal(leaf, signal, to)),
    stop: (leaf, how) => leaves.stop(leaf, how),
    killAll: () => leaves.killAll(),
    close: () => {
      leaves.killAll()
      leaves.outbox.attach(undefined)
      leaves.onBeats(undefined)
      closed()
    },
    kept: () => leaves.outbox.size()
  }
}

/** The last incarnation of a path, when it ended, and when the one before it ended. */
interface End {
  readonly incarnation: number
  readonly at: number
  readonly before: number
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
  private readonly ends = new Map<string, End>()
  private readonly queue = new StartQueue<Leaf>()
  private slice: NodeJS.Immediate | undefined = undefined
  private closed = false

  constructor({ kill: send = kill, proc = "/proc", blockedAfterMs = BLOCKED_AFTER_MS }: NodeSpawnerOptions) {
    this.context = {
      outbox: this.outbox,
      beats: undefined,
      groups: new ProcessGroups(send, proc),
      pipes: new PipeStock(),
      strays: new Strays(send, proc, blockedAfterMs),
      kill: send,
      blockedAfterMs,
      onEnded: (leaf) => this.onEnded(leaf)
    }
  }

  spawn(command: SpawnCommand): void {
    const { path, incarnation } = command
    const previous = this.current.get(path)
    const end = this.ends.get(path)
    const highest = Math.max(end?.incarnation ?? Number.NEGATIVE_INFINITY, previous?.quota.incarnation ?? Number.NEGATIVE_INFINITY)
    if (incarnation <= highest) return
    const leaf = new Leaf(command, this.context)
    if (this.closed) return leaf.failToStart(CLOSED)
    if (previous !== undefined) return leaf.failToStart(busy(previous.quota.incarnation, previous.pid))
    this.current.set(path, leaf)
    this.queue.add(leaf, end !== undefined && performance.now() - end.before < FAILING_MS)
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
    for (const leaf of this.current.values()) leaf.killAll()
    for (let leaf = this.queue.next(); leaf !== undefined; leaf = this.queue.next()) leaf.failToStart(CLOSED)
    this.context.pipes.close()
  }

  private find({ path, incarnation }: Incarnation): Leaf | undefined {
    const leaf = this.current.get(path)
    return leaf?.quota.incarnation === incarnation ? leaf : undefined
  }

  /** Starts some of the queued leaves, and lets the event loop turn in between. */
  private startSome(): void {
    this.slice = undefined
    const end = performance.now() + START_SLICE_MS
    this.context.pipes.expect(2 * this.queue.size)
    do this.queue.next()?.start()
    while (this.queue.size > 0 && performance.now() < end)
    if (this.queue.size > 0) this.slice ??= setImmediate(() => this.startSome())
    else this.context.pipes.expect(0)
  }

  private onEnded({ quota }: Leaf): void {
    const { path, incarnation } = quota
    if (this.current.get(path)?.quota === quota) this.current.delete(path)
    this.outbox.close(quota)
    const last = this.ends.get(path)
    // Deleted first, so that the map stays in the order of the ends.
    this.ends.delete(path)
    this.ends.set(path, {
      incarnation: Math.max(incarnation, last?.incarnation ?? 0),
      at: performance.now(),
      before: last?.at ?? Number.NEGATIVE_INFINITY
    })
    if (this.ends.size <= REMEMBERED_ENDS) return
    for (const oldest of this.ends.keys()) {
      this.ends.delete(oldest)
      return
    }
  }
}
