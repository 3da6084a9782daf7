/** The logs of workers that are not there any more: how much they are, and which go first. */
import { readdirSync, rmdirSync, rmSync } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { isLogFile } from "./files.ts"

/** The log of one worker. */
interface LogSize {
  readonly path: string
  readonly bytes: number
  /** When it was last written, in milliseconds since 1970. */
  readonly writtenAt: number
}

/** Of all logs together. */
export interface LogLimits {
  readonly folders: number
  readonly bytes: number
}

/** Those that are too many, from the one that was written the longest ago on. */
export function beyond(logs: ReadonlyArray<LogSize>, { folders, bytes }: LogLimits): ReadonlyArray<string> {
  const oldest = logs.toSorted((one, other) => one.writtenAt - other.writtenAt)
  let count = logs.length
  let total = logs.reduce((sum, log) => sum + log.bytes, 0)
  return oldest.flatMap((log) => {
    if (count <= folders && total <= bytes) return []
    count--
    total -= log.bytes
    return [log.path]
  })
}

/** Undefined if there is none. */
export async function logSize(path: string, folder: string): Promise<LogSize | undefined> {
  try {
    const names = (await readdir(folder)).filter(isLogFile)
    const files = await Promise.all(names.map((name) => stat(join(folder, name))))
    if (files.length === 0) return undefined
    return { path, bytes: files.reduce((sum, { size }) => sum + size, 0), writtenAt: Math.max(...files.map(({ mtimeMs }) => mtimeMs)) }
  } catch {
    return undefined // it is being removed, or a file of it
  }
}

/** Removes the files of a log, and its folder if nothing else is in it; at once, so that nothing begins meanwhile. */
export function removeLog(folder: string): void {
  for (const name of readdirSync(folder)) if (isLogFile(name)) rmSync(join(folder, name), { force: true })
  removeEmpty(folder)
}

/** Answers whether it was empty. */
export function removeEmpty(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}
