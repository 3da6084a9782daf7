/**
 * The folders of the logs, `logs/` in the state directory: one for each worker, named by its path. The keeper makes the
 * folder of a worker itself; those above it are made here.
 */
import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { parentOf } from "../../core/Path.ts"
import { lockIn } from "./lock.ts"

const FOLDER_MODE = 0o750

export const logsIn = (state: string): string => join(state, "logs")

export class LogFolders {
  readonly root: string
  private readonly state: string
  /** The nodes whose folders are there. */
  private readonly made = new Set<string>()

  constructor(state: string) {
    this.state = state
    this.root = logsIn(state)
  }

  /** The folder of a worker, and the folders above it are there. What cannot be made is reported by the keeper. */
  of(path: string): string {
    this.make(parentOf(path))
    return this.folderOf(path)
  }

  /** Ids contain neither slashes nor dots, so a folder is never mistaken for a file. */
  folderOf(path: string): string {
    return `${this.root}${path}`
  }

  /** This folder has been removed. */
  forget(path: string): void {
    this.made.delete(path)
  }

  /** Something else has removed folders above that of a worker. If all of it is gone, it has to be ours again first. */
  makeAgain(path: string): void {
    if (!existsSync(lockIn(this.state))) return
    for (let at = parentOf(path); at !== ""; at = parentOf(at)) this.forget(at)
    this.forget("")
    this.of(path)
  }

  private make(path: string): void {
    if (this.made.has(path)) return
    if (path !== "") this.make(parentOf(path))
    try {
      mkdirSync(this.folderOf(path), { mode: FOLDER_MODE })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return
    }
    this.made.add(path)
  }
}
