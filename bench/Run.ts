/** One life of one contender: started with its leaves, measured, and gone without a trace. */
import type { ChildProcess } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import type { Contender, Job } from "./contender.ts"
import type { Ground } from "./Ground.ts"
import { marked } from "./processes.ts"
import { Reports } from "./Reports.ts"

/** So long we wait for a contender, whatever it is to do. */
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

  /** Its leaves are asked for; they may not be there yet. */
  constructor(contender: Contender, ground: Ground, kind: Kind) {
    this.contender = contender
    this.kind = kind
    this.job = { ...kind, room: ground.room(), ground }
    this.reports = new Reports(join(this.job.room, "reports"))
    try {
      this.process = contender.start(this.job)
    } catch (error) {
      this.reports.close()
      throw error
    }
    this.exited = new Promise((resolve) => {
      this.process.once("exit", () => resolve())
      // It could not even be started: whoever waits for its leaves is told so.
      this.process.once("error", () => resolve())
    })
  }

  /** Every leaf has reported. */
  async booted(): Promise<void> {
    const dead = this.exited.then(() => Promise.reject(new Error("it ended before its leaves were there")))
    const last = this.within(this.reports.nth(this.kind.leaves - 1), () => `of its leaves ${this.reports.all.length} came up`)
    await Promise.race([last, dead])
  }

  /** The processes of the supervisor itself, in whatever number it likes to have them. */
  supervisors(): ReadonlyArray<number> {
    const { folder, leaf } = this.job.ground
    return marked(folder).flatMap(({ pid, program }) => (program === leaf ? [] : [pid]))
  }

  /** How many leaves live. */
  leaves(): number {
    return marked(this.job.ground.folder).length - this.supervisors().length
  }

  within<A>(promise: Promise<A>, sayWhat: () => string): Promise<A> {
    let timer: NodeJS.Timeout
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`within ${PATIENCE_MS / 1000} seconds ${sayWhat()}`)), PATIENCE_MS)
    })
    return Promise.race([promise, late]).finally(() => clearTimeout(timer))
  }

  close(): void {
    this.job.ground.sweep()
    this.reports.close()
    rmSync(this.job.room, { recursive: true, force: true })
  }
}
