/**
 * Monitors every running worker and reports to the core: it is ready, healthy, silent. It sees the same events as every
 * observer, and its reports go through the same queue as all events; single heartbeats do not.
 */
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Learned } from "../../core/detection/Detector.ts"
import type { ConvictionExit, Event, Incarnation } from "../../core/Event.ts"
import type { EventLoopLag } from "../../leaf/EventLoopLag.ts"
import type { Spawner } from "../../leaf/Spawner.ts"
import type { Host } from "../../leaf/watch/Host.ts"
import { type Findings, WorkerMonitor } from "../../leaf/watch/WorkerMonitor.ts"
import type { Worker } from "../../tree/Spec.ts"
import { RecentMap } from "../RecentMap.ts"
import type { TreeEvent } from "../read/TreeEvent.ts"
import type { Kernel } from "./Kernel.ts"

/** For how many paths learned intervals are kept after the end of a worker: pools make new paths all the time. */
const LEARNED_MAX = 10_000

/** As if its watchdog had found it out. (systemd: `WATCHDOG=trigger`) */
const TRIGGERED: ConvictionExit = { _tag: "Unhealthy", probe: "watchdog", failures: 1, because: "it has sent WATCHDOG=trigger" }

interface Watched {
  readonly incarnation: number
  readonly watch: WorkerMonitor
}

/** The parts that are used. */
type Observed = Pick<Kernel, "state" | "send" | "observe">
type Beats = Pick<Spawner, "onBeats">

/**
 * Runs until the scope is closed. `folder`: the base of the workers' relative folders. `stamp`: what all processes have
 * in their environment. `host` is for tests.
 */
export const monitor = (
  kernel: Observed,
  spawner: Beats,
  folder: string,
  lag: EventLoopLag,
  host?: Host,
  stamp: Worker["env"] = {}
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => new Monitor(kernel, spawner, folder, lag, host, stamp)),
    (running) => Effect.sync(() => running.close())
  )

class Monitor {
  private readonly kernel: Observed
  private readonly folder: string
  private readonly host: Host | undefined
  private readonly stamp: Worker["env"]
  private readonly lag: EventLoopLag
  private readonly watched = new Map<string, Watched>()
  private readonly learned = new RecentMap<string, Learned>(LEARNED_MAX)
  private readonly unwatch: () => void

  constructor(kernel: Observed, spawner: Beats, folder: string, lag: EventLoopLag, host: Host | undefined, stamp: Worker["env"]) {
    this.kernel = kernel
    this.folder = folder
    this.lag = lag
    this.host = host
    this.stamp = stamp
    this.unwatch = kernel.observe({ told: (event) => this.see(event) })
    spawner.onBeats({
      beat: (sender, receivedAt, sentAt) => this.of(sender)?.beat(receivedAt, sentAt),
      lost: (sender) => this.of(sender)?.lost(),
      failed: ({ path, incarnation }) => this.findings({ path, incarnation }).convicted(TRIGGERED)
    })
  }

  close(): void {
    this.unwatch()
    for (const path of [...this.watched.keys()]) this.end(path)
  }

  private see(event: TreeEvent): void {
    switch (event._tag) {
      case "Spawned":
        return this.begin(event)
      case "Line":
        return this.of(event)?.line(event)
      case "Started":
        return this.of(event)?.up()
      // From here on it is stopped, whatever would be seen of it.
      case "Stopping":
        this.sayWhyNotReady(event)
        return this.endOf(event)
      case "LeaderEnded":
      case "Convicted":
      case "Stopped":
      case "Exited":
      case "StartFailed":
        return this.endOf(event)
    }
  }

  private of({ path, incarnation }: Incarnation): WorkerMonitor | undefined {
    const found = this.watched.get(path)
    return found?.incarnation === incarnation ? found.watch : undefined
  }

  private begin({ path, incarnation, pid, startTime }: Extract<TreeEvent, { readonly _tag: "Spawned" }>): void {
    const worker = this.kernel.state.children.get(path)?.spec
    if (worker?.type !== "worker" || !WorkerMonitor.concerns(worker)) return
    this.end(path)
    const { cwd, env } = worker
    const target = { path, incarnation, pid, startTime, cwd: resolve(this.folder, cwd), env: { ...env, ...this.stamp } }
    const findings = this.findings({ path, incarnation })
    const watch = new WorkerMonitor({ worker, target, lag: this.lag, learned: this.learned.get(path), findings, host: this.host })
    this.watched.set(path, { incarnation, watch })
  }

  /** Before its end is heard, which may be the end of a failed start. */
  private sayWhyNotReady({ path, incarnation }: Incarnation): void {
    const because = this.of({ path, incarnation })?.notReady()
    if (because !== undefined) this.findings({ path, incarnation }).health(false, because)
  }

  private findings(of: Incarnation): Findings {
    const say = (event: Event): void => this.kernel.send(event)
    return {
      ready: () => say({ _tag: "Ready", ...of }),
      health: (healthy, because) => say({ _tag: "Health", ...of, healthy, because }),
      suspected: (silence) => say({ _tag: "Suspected", ...of, silence }),
      cleared: () => say({ _tag: "Cleared", ...of }),
      convicted: (exit) => say({ _tag: "Convicted", ...of, exit })
    }
  }

  private endOf(event: Incarnation): void {
    if (this.of(event) !== undefined) this.end(event.path)
  }

  private end(path: string): void {
    const watched = this.watched.get(path)
    if (watched === undefined) return
    this.watched.delete(path)
    const { learned } = watched.watch
    watched.watch.stop()
    if (learned !== undefined) this.learned.set(path, learned)
  }
}
