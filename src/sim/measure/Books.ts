/** What a rehearsal adds up while it goes on. */
import type { News } from "../../core/Action.ts"
import type { Moment } from "../../core/Moment.ts"
import type { Worker } from "../../spec/Spec.ts"
import type { Witness } from "../world/World.ts"

/** One worker, over all its lives. */
export interface WorkerBook {
  readonly starts: number
  /** So long it was up, in milliseconds. */
  readonly upMs: number
  /** So long it should have been: from its first start until the end, or until it had finished for good. */
  readonly wantedMs: number
  /** `upMs / wantedMs`; 1 if it was never wanted. */
  readonly availability: number
  /** From an end until it was up again, each time, in milliseconds. */
  readonly repairsMs: ReadonlyArray<number>
}

interface Page {
  readonly worker: Worker
  starts: number
  upMs: number
  wantedMs: number
  since: number
  state: "up" | "down" | "finished"
  wasUp: boolean
  readonly repairsMs: Array<number>
}

export class Books implements Witness {
  private readonly pages = new Map<string, Page>()
  private readonly escalations: Array<{ readonly at: number; readonly path: string }> = []
  private restarts = 0
  private wholeMs = 0
  /** How many are down; the tree is whole when nobody is, and it has booted. */
  private downs = 0
  private booted = false
  private since = 0
  private readonly rootPath: string

  constructor(rootPath: string) {
    this.rootPath = rootPath
  }

  began(path: string, worker: Worker, at: number): void {
    const page = this.pages.get(path)
    if (page === undefined) {
      this.count(at, 1)
      this.pages.set(path, { worker, starts: 1, upMs: 0, wantedMs: 0, since: at, state: "down", wasUp: false, repairsMs: [] })
    } else {
      page.starts++
      if (page.state === "finished") this.turn(page, "down", at)
    }
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

  folded({ actions }: Moment, at: number): void {
    for (const action of actions) if (action._tag === "News") this.hear(action.news, at)
  }

  /** Nothing comes after `at`. */
  close(at: number) {
    this.count(at, 0)
    const workers = new Map<string, WorkerBook>()
    for (const [path, page] of this.pages) {
      this.turn(page, page.state, at)
      const { starts, upMs, wantedMs, repairsMs } = page
      workers.set(path, { starts, upMs, wantedMs, availability: wantedMs > 0 ? upMs / wantedMs : 1, repairsMs })
    }
    const { restarts, escalations } = this
    return { workers, restarts, escalations, availability: at > 0 ? this.wholeMs / at : 1 }
  }

  private hear(news: News, at: number): void {
    switch (news._tag) {
      case "RestartCounted":
        this.restarts++
        return
      case "Ending":
        if (news.exit._tag === "GaveUp") this.escalations.push({ at, path: news.path })
        return
      // The instances of a pool do not come back with it: it has new ones, with numbers of their own.
      case "Starting":
        if (news.type === "pool") for (const path of this.pages.keys()) if (path.startsWith(`${news.path}/`)) this.finish(path, at)
        return
      case "Started":
        if (news.path !== this.rootPath) return
        this.count(at, 0)
        this.booted = true
        return
      case "Removed":
        return this.finish(news.path, at)
      case "Exited": {
        const restart = this.pages.get(news.path)?.worker.restart
        if (restart === "temporary" || (restart === "transient" && news.normal)) this.finish(news.path, at)
      }
    }
  }

  /** It has done what it was there for, or has been let go. */
  private finish(path: string, at: number): void {
    const page = this.pages.get(path)
    if (page?.state === "down") this.turn(page, "finished", at)
  }

  private turn(page: Page, state: Page["state"], at: number): void {
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
