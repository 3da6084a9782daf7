/** What a rehearsal adds up while it goes on. */
import type { News } from "../core/Action.ts"
import type { JournalEntry } from "../core/Journal.ts"
import type { Child, Tree, Worker } from "../tree/Spec.ts"
import { specAt } from "./invariants/specAt.ts"
import type { Observer } from "./world/WorldOptions.ts"

/** One worker, over all its lives. */
export interface WorkerStats {
  readonly starts: number
  /** So long it was up, in milliseconds. */
  readonly upMs: number
  /** So long it should have been: from the beginning, or its addition, until the end, or until it was done for good. For a job no time at all. */
  readonly wantedMs: number
  /** `upMs / wantedMs`; 1 if it was never wanted. */
  readonly availability: number
  /** From an end until it was up again, each time, in milliseconds. An instance that fell with its pool is replaced, and not among them. */
  readonly repairsMs: ReadonlyArray<number>
  /** From when it hung until it was taken for dead, each time, in milliseconds. */
  readonly detectionsMs: ReadonlyArray<number>
  /** How often it was taken for dead, and was not. */
  readonly falseConvictions: number
}

interface WorkerTally {
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
  /** When it hung, if it does. */
  hungAt: number | undefined
}

export class RehearsalStats implements Observer {
  private readonly pages = new Map<string, WorkerTally>()
  private readonly escalations: Array<{ readonly at: number; readonly path: string }> = []
  private restarts = 0
  private wholeMs = 0
  /** How many are down; the tree is whole when nobody is, and it has booted. */
  private downs = 0
  private booted = false
  private since = 0
  private readonly tree: Tree

  /** Who is in the tree from the beginning is wanted from the beginning, started or not. */
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
    const page = this.pages.get(path) ?? this.open(path, worker, at)
    page.starts++
    page.hungAt = undefined
    if (page.state === "finished" && !isJob(worker)) this.turn(page, "down", at)
  }

  /** A job is wanted for what it does, and not to be up. */
  private open(path: string, worker: Worker, at: number): WorkerTally {
    const state = isJob(worker) ? "finished" : "down"
    const page: WorkerTally = {
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
    this.pages.set(path, page)
    this.count(at, state === "down" ? 1 : 0)
    return page
  }

  /** It was down since its end, however often its start has failed since. */
  up(path: string, at: number): void {
    const page = this.pages.get(path)!
    if (page.state === "down" && page.wasUp) page.repairsMs.push(at - page.since)
    this.turn(page, "up", at)
    page.wasUp = true
  }

  down(path: string, at: number): void {
    const page = this.pages.get(path)!
    if (page.state === "up") this.turn(page, "down", at)
  }

  hung(path: string, at: number): void {
    this.pages.get(path)!.hungAt = at
    this.down(path, at)
  }

  folded({ actions }: JournalEntry, at: number): void {
    for (const action of actions) if (action._tag === "News") this.hear(action.news, at)
  }

  /** Nothing comes after `at`. */
  close(at: number) {
    this.count(at, 0)
    const workers = new Map<string, WorkerStats>()
    for (const [path, page] of this.pages) {
      this.turn(page, page.state, at)
      const { starts, upMs, wantedMs, repairsMs, detectionsMs, falseConvictions } = page
      const availability = wantedMs > 0 ? upMs / wantedMs : 1
      workers.set(path, { starts, upMs, wantedMs, availability, repairsMs, detectionsMs, falseConvictions })
    }
    const { restarts, escalations } = this
    return { workers, restarts, escalations, availability: at > 0 ? this.wholeMs / at : Number(this.booted && this.downs === 0) }
  }

  private hear(news: News, at: number): void {
    switch (news._tag) {
      case "RestartCounted":
        this.restarts++
        return
      case "Convicted":
        return this.convicted(news.path, at)
      case "Ending":
        if (news.exit._tag === "GaveUp") this.escalations.push({ at, path: news.path })
        return
      // The instances of a pool do not come back with it: it has new ones, with numbers of their own.
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
        const restart = this.pages.get(news.path)?.worker.restart
        if (restart === "temporary" || (restart === "transient" && news.normal)) this.finish(news.path, at)
      }
    }
  }

  private convicted(path: string, at: number): void {
    const page = this.pages.get(path)
    if (page === undefined) return
    if (page.hungAt === undefined) page.falseConvictions++
    else page.detectionsMs.push(at - page.hungAt)
  }

  private finishBelow(above: string, at: number): void {
    for (const path of this.pages.keys()) if (path.startsWith(`${above}/`)) this.finish(path, at)
  }

  /** It has done what it was there for, or has been let go. */
  private finish(path: string, at: number): void {
    const page = this.pages.get(path)
    if (page?.state === "down") this.turn(page, "finished", at)
  }

  private turn(page: WorkerTally, state: WorkerTally["state"], at: number): void {
    const passed = at - page.since
    if (page.state === "up") page.upMs += passed
    if (page.state !== "finished") page.wantedMs += passed
    this.count(at, Number(state === "down") - Number(page.state === "down"))
    page.since = at
    page.state = state
  }

  private count(at: number, more: number): void {
    if (this.booted && this.downs === 0) this.wholeMs += at - this.since
    this.since = at
    this.downs += more
  }
}

const isJob = ({ ready }: Worker): boolean => ready.type === "exited"
