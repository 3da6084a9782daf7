/**
 * Looks after the files of the logs while a tree runs: compresses those that are no longer written, and removes the
 * oldest logs of workers that are not there any more. Of workers that are there, the keeper removes what is too much.
 *
 * It is in no hurry: one file at a time, and of many folders only some at a time.
 */
import { stat } from "node:fs/promises"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { logsAt } from "../../core/Logs.ts"
import { isWithin, parentOf } from "../../core/Path.ts"
import { compressLog, finishCompressing, uncompressedIn } from "../../leaf/log/compress.ts"
import { pathsIn } from "../../leaf/log/files.ts"
import { beyond, type LogLimits, logSize, removeEmpty, removeLog } from "../../leaf/log/removal.ts"
import { pathsOf } from "../../tree/paths.ts"
import type { Kernel } from "../kernel/Kernel.ts"
import type { TreeEvent } from "../read/TreeEvent.ts"
import type { LogFolders } from "./LogFolders.ts"

const EVERY_MS = 5_000
/** In one round. */
const FOLDERS_MOST = 256
/** Of the workers that are not there any more: pools and temporary children make ever new ones. */
export const LOGS_OF_GONE: LogLimits = { folders: 1_000, bytes: 256 * 1024 * 1024 }
/** How often the size of these logs is looked at, in rounds; their number always. */
const SIZES_EVERY = 12

/** The parts that are used. */
type Observed = Pick<Kernel, "state" | "observe">

/** Runs until the scope is closed, and has ended then. */
export const maintainLogs = (kernel: Observed, folders: LogFolders): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.sync(() => {
        const maintenance = new LogMaintenance(kernel, folders)
        maintenance.run()
        return maintenance
      }),
      (maintenance) => Effect.promise(() => maintenance.close())
    )
  )

export class LogMaintenance {
  private readonly kernel: Observed
  private readonly folders: LogFolders
  private readonly limits: LogLimits
  /** The workers that the tree file names. Of an instance of a pool only its state says that it is there. */
  private readonly named: ReadonlySet<string>
  /** All that have a log, those looked at longest ago first; and when its folder had last changed. */
  private readonly logs = new Map<string, number>()
  /** Workers whose logs have no folder to be in: something else has removed it. */
  private readonly homeless = new Set<string>()
  private readonly ending = new AbortController()
  private readonly unobserve: () => void
  private rounds = 0
  private timer: NodeJS.Timeout | undefined
  private working: Promise<void> = Promise.resolve()

  constructor(kernel: Observed, folders: LogFolders, limits: LogLimits = LOGS_OF_GONE) {
    this.kernel = kernel
    this.folders = folders
    this.limits = limits
    this.named = new Set(pathsOf(kernel.state.root))
    this.unobserve = kernel.observe({ told: (event) => this.see(event) })
  }

  /** One round after the other. */
  run(): void {
    this.timer = setTimeout(() => {
      this.working = this.round().finally(() => {
        if (!this.ending.signal.aborted) this.run()
      })
    }, EVERY_MS).unref()
  }

  async close(): Promise<void> {
    clearTimeout(this.timer)
    this.unobserve()
    this.ending.abort()
    await this.working
  }

  /** Never fails: what cannot be done now is tried again later. */
  async round(): Promise<void> {
    if (this.rounds++ === 0) await this.begin()
    for (const path of this.homeless) this.folders.makeAgain(path)
    for (const [path, changedAt] of [...this.logs].slice(0, FOLDERS_MOST)) {
      if (this.ending.signal.aborted) return
      this.logs.delete(path)
      const now = await this.lookAfter(path, changedAt)
      if (now !== undefined || this.isThere(path)) this.logs.set(path, now ?? 0)
    }
    await this.removeGone()
  }

  private see(event: TreeEvent): void {
    if (event._tag === "Spawned" && !this.logs.has(event.path)) this.logs.set(event.path, 0)
    if (event._tag === "LogResumed" || event._tag === "Removed") this.homeless.delete(event.path)
    if (event._tag === "LogFailed" && event.errno === "ENOENT") {
      this.homeless.add(event.path)
      this.folders.makeAgain(event.path) // the keeper tries again
    }
  }

  /** What an earlier supervisor has left. */
  private async begin(): Promise<void> {
    for (const path of await pathsIn(this.folders.root).catch(() => [])) {
      await finishCompressing(this.folders.folderOf(path)).catch(() => {})
      if (!this.logs.has(path)) this.logs.set(path, 0)
    }
  }

  /** Answers when its folder had changed last, before anything is done; undefined if there is none. */
  private async lookAfter(path: string, changedAt: number): Promise<number | undefined> {
    const folder = this.folders.folderOf(path)
    try {
      const { mtimeMs } = await stat(folder)
      // Its supervisor is down, or not up yet: what is to be done with its log is known later.
      if (this.named.has(path) && !this.kernel.state.children.has(path)) return 0
      const logs = mtimeMs === changedAt ? false : logsAt(this.kernel.state, path)
      if (logs === false || !logs.compress) return mtimeMs
      for (const name of await uncompressedIn(folder)) await compressLog(folder, name, this.ending.signal)
      return mtimeMs
    } catch (error) {
      // A file that is gone is no reason to stop; with a full disk it is tried again.
      return (error as NodeJS.ErrnoException).code === "ENOENT" && !this.isThere(path) ? undefined : 0
    }
  }

  private isThere(path: string): boolean {
    return this.kernel.state.children.has(path) || this.named.has(path)
  }

  private async removeGone(): Promise<void> {
    const gone = [...this.logs.keys()].filter((path) => !this.isThere(path))
    if (gone.length === 0 || (gone.length <= this.limits.folders && this.rounds % SIZES_EVERY !== 1)) return
    const sizes = []
    for (const path of gone) sizes.push(...[await logSize(path, this.folders.folderOf(path))].filter((size) => size !== undefined))
    for (const path of beyond(sizes, this.limits)) {
      if (this.isThere(path) || this.ending.signal.aborted) continue
      try {
        removeLog(this.folders.folderOf(path))
        this.removeEmptyAbove(path)
        this.logs.delete(path)
      } catch {
        // It stays, and is tried again.
      }
    }
  }

  /** Folders of supervisors that are not there any more. */
  private removeEmptyAbove(path: string): void {
    const { state } = this.kernel
    for (let at = parentOf(path); at !== "" && !isWithin(state.rootPath, at); at = parentOf(at)) {
      if (state.supervisors.has(at) || this.named.has(at) || !removeEmpty(this.folders.folderOf(at))) return
      this.folders.forget(at)
    }
  }
}
