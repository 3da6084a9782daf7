/** The figures of one rehearsal, added up while it runs. */
import type { News } from "../core/Action.ts"
import type { JournalEntry } from "../core/Journal.ts"
import type { Child, Tree, Worker } from "../tree/Spec.ts"
import { specAt } from "./invariants/specAt.ts"
import type { Observer } from "./world/WorldOptions.ts"

/** One worker, over all its incarnations. Times are in milliseconds. */
export interface WorkerStats {
  readonly starts: number
  /** How long it was up. */
  readonly upMs: number
  /**
   * How long it should have been up: from the start or its addition until the end, or until it was done. 0 for a job.
   */
  readonly wantedMs: number
  /** `upMs / wantedMs`; 1 if it was never wanted. */
  readonly availability: number
  /** Each time from an exit until it was up again. Without instances that were replaced when their pool restarted. */
  readonly repairsMs: ReadonlyArray<number>
  /** Each time from a hang until it was convicted. */
  readonly detectionsMs: ReadonlyArray<number>
  /** How often it was convicted without having hung. */
  readonly falseConvictions: number
}

interface WorkerTotals {
  readonly worker: Worker
  starts: number
  upMs: number
  wantedMs: number
  since: number
  state: "up" | "down" | "finished"
  wasUp: boolean
  readonly repairsMs: Array<number>
  readonly detectionsMs: Array<number>
  falseConvictions: number
  /** Since when it hangs. */
  hungAt: number | undefined
}

export class RehearsalStats implements Observer {
  private readonly stats = new Map<string, WorkerTotals>()
  private readonly escalations: Array<{ readonly at: number; readonly path: string }> = []
  private restarts = 0
  private failures = 0
  private allUpMs = 0
  /** How many workers are down that should be up. */
  private downCount = 0
  private booted = false
  private since = 0
  private readonly tree: Tree

  /** Every worker of the tree counts from the start, started or not. */
  constructor(tree: Tree) {
    this.tree = tree
    const visit = (node: Child, path: string): void => {
      if (node.type === "worker") this.open(path, node, 0)
      if (node.type === "supervisor") for (const child of node.children) visit(child, `${path}/${child.id}`)
      if (node.type === "pool") for (let n = 1; n <= node.size; n++) visit(node.child, `${path}/${n}`)
    }
    visit(tree, `/${tree.id}`)
  }

  began(path: string, worker: Worker, at: number): void {
    const totals = this.stats.get(path) ?? this.open(path, worker, at)
    totals.starts++
    totals.hungAt = undefined
    if (totals.state === "finished" && !isJob(worker)) this.change(totals, "down", at)
  }

  /** A job is not expected to be up: it does its work and exits. */
  private open(path: string, worker: Worker, at: number): WorkerTotals {
    const state = isJob(worker) ? "finished" : "down"
    const totals: WorkerTotals = {
      worker,
      starts: 0,
      upMs: 0,
      wantedMs: 0,
      since: at,
      state,
      wasUp: false,
      repairsMs: [],
      detectionsMs: [],
      falseConvictions: 0,
      hungAt: undefined
    }
    this.stats.set(path, totals)
    this.count(at, state === "down" ? 1 : 0)
    return totals
  }

  /** It was down since its exit, however many starts failed in between. */
  up(path: string, at: number): void {
    const totals = this.stats.get(path)!
    if (totals.state === "down" && totals.wasUp) totals.repairsMs.push(at - totals.since)
    this.change(totals, "up", at)
    totals.wasUp = true
  }

  down(path: string, at: number): void {
    const totals = this.stats.get(path)!
    if (totals.state === "up") this.change(totals, "down", at)
  }

  hung(path: string, at: number): void {
    this.stats.get(path)!.hungAt = at
    this.down(path, at)
  }

  stepped({ actions }: JournalEntry, at: number): void {
    for (const action of actions) if (action._tag === "News") this.note(action.news, at)
  }

  /** Call once, at the end. */
  close(at: number) {
    this.count(at, 0)
    const workers = new Map<string, WorkerStats>()
    for (const [path, totals] of this.stats) {
      this.change(totals, totals.state, at)
      const { starts, upMs, wantedMs, repairsMs, detectionsMs, falseConvictions } = totals
      const availability = wantedMs > 0 ? upMs / wantedMs : 1
      workers.set(path, { starts, upMs, wantedMs, availability, repairsMs, detectionsMs, falseConvictions })
    }
    const { restarts, failures, escalations } = this
    return {
      workers,
      restarts,
      failures,
      escalations,
      availability: at > 0 ? this.allUpMs / at : Number(this.booted && this.downCount === 0)
    }
  }

  private note(news: News, at: number): void {
    switch (news._tag) {
      case "RestartCounted":
        this.restarts++
        return
      case "Convicted":
        return this.convicted(news.path, at)
      case "Failed":
        this.failures++
        return
      case "Ending":
        if (news.exit._tag === "GaveUp" || news.exit._tag === "AllFailed") this.escalations.push({ at, path: news.path })
        return
      // A restarted pool has new instances with new numbers: the old ones do not come back.
      case "Starting":
        if (news.type === "pool" && news.incarnation > 1) this.finishBelow(news.path, at)
        return
      case "Started":
        if (news.path !== `/${this.tree.id}`) return
        this.count(at, 0)
        this.booted = true
        return
      case "Removed":
        return this.finish(news.path, at)
      case "Exited": {
        if (news.exit._tag === "AutoShutdown" && specAt(this.tree, news.path)?.restart !== "permanent")
          return this.finishBelow(news.path, at)
        const restart = this.stats.get(news.path)?.worker.restart
        if (restart === "temporary" || (restart === "transient" && news.normal)) this.finish(news.path, at)
      }
    }
  }

  private convicted(path: string, at: number): void {
    const totals = this.stats.get(path)
    if (totals === undefined) return
    if (totals.hungAt === undefined) totals.falseConvictions++
    else totals.detectionsMs.push(at - totals.hungAt)
  }

  private finishBelow(above: string, at: number): void {
    for (const path of this.stats.keys()) if (path.startsWith(`${above}/`)) this.finish(path, at)
  }

  /** It has done its work, or was removed. */
  private finish(path: string, at: number): void {
    const totals = this.stats.get(path)
    if (totals?.state === "down") this.change(totals, "finished", at)
  }

  private change(totals: WorkerTotals, state: WorkerTotals["state"], at: number): void {
    const passed = at - totals.since
    if (totals.state === "up") totals.upMs += passed
    if (totals.state !== "finished") totals.wantedMs += passed
    this.count(at, Number(state === "down") - Number(totals.state === "down"))
    totals.since = at
    totals.state = state
  }

  private count(at: number, more: number): void {
    if (this.booted && this.downCount === 0) this.allUpMs += at - this.since
    this.since = at
    this.downCount += more
  }
}

const isJob = ({ ready }: Worker): boolean => ready.type === "exited"
