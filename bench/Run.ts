/** One run of one contender: started with its leaves, measured, and removed without a trace. */
import type { ChildProcess } from "node:child_process"
import { rmSync } from "node:fs"
import { basename, join } from "node:path"
import type { Contender, Job } from "./contender.ts"
import { marked, outside } from "./processes.ts"
import { type Report, Reports } from "./Reports.ts"
import type { Workspace } from "./Workspace.ts"

/** How long to wait for a contender, whatever it does. */
const PATIENCE_MS = 30_000

export interface Kind {
  readonly leaves: number
  readonly leaf: "stays" | "ends"
}

export class Run {
  readonly contender: Contender
  readonly kind: Kind
  readonly reports: Reports
  readonly process: ChildProcess
  readonly exited: Promise<void>
  private readonly job: Job

  /** Its folder. */
  get room(): string {
    return this.job.room
  }

  /** Its leaves are requested; they may not run yet. */
  constructor(contender: Contender, workspace: Workspace, kind: Kind) {
    this.contender = contender
    this.kind = kind
    this.job = { ...kind, room: workspace.room(), workspace }
    this.reports = new Reports(join(this.job.room, "reports"))
    try {
      this.process = contender.start(this.job)
    } catch (error) {
      this.reports.close()
      throw error
    }
    this.exited = new Promise((resolve) => {
      this.process.once("exit", () => resolve())
      // It could not be started, so waiting for its leaves ends.
      this.process.once("error", () => resolve())
    })
  }

  /** Resolves when every leaf has reported. */
  async booted(): Promise<void> {
    const dead = this.exited.then(() => Promise.reject(new Error("it ended before its leaves were there")))
    const last = this.within(this.reports.nth(this.kind.leaves - 1), () => `of its leaves ${this.reports.all.length} came up`)
    await Promise.race([last, dead])
  }

  /** The supervisor's own processes, however many there are; or those that run a program of this name. */
  supervisors(named = this.contender.inside): ReadonlyArray<number> {
    const { folder, leaf } = this.job.workspace
    return marked(folder).flatMap(({ pid, program }) => {
      return program === leaf || (named !== undefined && basename(program) !== named) ? [] : [pid]
    })
  }

  /** How many leaves run. */
  leaves(): number {
    const { folder, leaf } = this.job.workspace
    return marked(folder).filter(({ program }) => program === leaf).length
  }

  /** The pid of a leaf that has reported, for a signal. */
  pidOf({ pid }: Report): number | undefined {
    return this.contender.inside === undefined ? pid : outside(this.job.workspace.folder, pid)
  }

  /** Tells it to stop; undefined if there is no way. */
  stop(): true | undefined {
    const { stopSignal, inside, stop } = this.contender
    if (stopSignal === null) return undefined
    stop?.(this.job)
    if (inside === undefined) this.process.kill(stopSignal)
    else for (const pid of this.supervisors()) if (pid > 1) process.kill(pid, stopSignal)
    return true
  }

  within<A>(promise: Promise<A>, sayWhat: () => string): Promise<A> {
    let timer: NodeJS.Timeout
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`within ${PATIENCE_MS / 1000} seconds ${sayWhat()}`)), PATIENCE_MS)
    })
    return Promise.race([promise, late]).finally(() => clearTimeout(timer))
  }

  close(): void {
    this.job.workspace.sweep()
    this.reports.close()
    rmSync(this.job.room, { recursive: true, force: true })
  }
}
