/**
 * Looks after every worker that runs, and tells the core what comes of it: who is ready, who is well, who is silent. It sees what everybody
 * sees who watches the tree, and what it says goes through the same queue as everything else; heartbeats themselves never do.
 */
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Learned } from "../../core/detection/Detector.ts"
import type { Event, Incarnation } from "../../core/Event.ts"
import { find } from "../../core/Machine.ts"
import type { EventLoopLag } from "../../leaf/EventLoopLag.ts"
import type { Spawner } from "../../leaf/Spawner.ts"
import type { Host } from "../../leaf/watch/Host.ts"
import { type Findings, WorkerMonitor } from "../../leaf/watch/WorkerMonitor.ts"
import type { TreeEvent } from "../read/TreeEvent.ts"
import type { Kernel } from "./Kernel.ts"

/** What the hearts of so many paths have taught is remembered after their end; pools make ever new paths. */
const REMEMBERED = 10_000

interface Watched {
  readonly incarnation: number
  readonly watch: WorkerMonitor
}

/** What is used of them. */
type Seen = Pick<Kernel, "state" | "send" | "observe">
type Heard = Pick<Spawner, "onBeats">

/** Begins to look, until the scope is closed. `folder`: what the workers' relative folders are relative to. `host` is for tests. */
export const monitor = (
  kernel: Seen,
  spawner: Heard,
  folder: string,
  lag: EventLoopLag,
  host?: Host
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => new Monitor(kernel, spawner, folder, lag, host)),
    (running) => Effect.sync(() => running.close())
  )

class Monitor {
  private readonly kernel: Seen
  private readonly folder: string
  private readonly host: Host | undefined
  private readonly lag: EventLoopLag
  private readonly lives = new Map<string, Watched>()
  /** By path, those that were used last at the end. */
  private readonly learned = new Map<string, Learned>()
  private readonly unwatch: () => void

  constructor(kernel: Seen, spawner: Heard, folder: string, lag: EventLoopLag, host: Host | undefined) {
    this.kernel = kernel
    this.folder = folder
    this.lag = lag
    this.host = host
    this.unwatch = kernel.observe({ told: (event) => this.see(event) })
    spawner.onBeats({
      beat: (life, receivedAt, sentAt) => this.of(life)?.beat(receivedAt, sentAt),
      lost: (life) => this.of(life)?.lost()
    })
  }

  close(): void {
    this.unwatch()
    for (const path of [...this.lives.keys()]) this.end(path)
  }

  private see(event: TreeEvent): void {
    switch (event._tag) {
      case "Spawned":
        return this.begin(event)
      case "Line":
        if (event.stream === "stdout") this.of(event)?.line(event.text)
        return
      case "Started":
        return this.of(event)?.up()
      // From here on nothing that is seen of it would change what becomes of it.
      case "Convicted":
      case "Stopping":
      case "Stopped":
      case "Exited":
      case "StartFailed":
        if (this.of(event) !== undefined) this.end(event.path)
    }
  }

  private of({ path, incarnation }: Incarnation): WorkerMonitor | undefined {
    const found = this.lives.get(path)
    return found?.incarnation === incarnation ? found.watch : undefined
  }

  private begin({ path, incarnation, pid, startTime }: Extract<TreeEvent, { readonly _tag: "Spawned" }>): void {
    const worker = find(this.kernel.state, path)?.child.spec
    if (worker?.type !== "worker" || !WorkerMonitor.concerns(worker)) return
    this.end(path)
    const { cwd, env } = worker
    const target = { path, incarnation, pid, startTime, cwd: resolve(this.folder, cwd), env }
    const findings = this.findings({ path, incarnation })
    const watch = new WorkerMonitor({ worker, target, lag: this.lag, learned: this.learned.get(path), findings, host: this.host })
    this.lives.set(path, { incarnation, watch })
  }

  private findings(life: Incarnation): Findings {
    const say = (event: Event): void => this.kernel.send(event)
    return {
      ready: () => say({ _tag: "Ready", ...life }),
      health: (healthy, because) => say({ _tag: "Health", ...life, healthy, because }),
      suspected: (silence) => say({ _tag: "Suspected", ...life, silence }),
      cleared: () => say({ _tag: "Cleared", ...life }),
      convicted: (exit) => say({ _tag: "Convicted", ...life, exit })
    }
  }

  private end(path: string): void {
    const watched = this.lives.get(path)
    if (watched === undefined) return
    this.lives.delete(path)
    const { learned } = watched.watch
    watched.watch.stop()
    if (learned === undefined) return
    this.learned.delete(path)
    this.learned.set(path, learned)
    if (this.learned.size <= REMEMBERED) return
    for (const oldest of this.learned.keys()) return void this.learned.delete(oldest)
  }
}
