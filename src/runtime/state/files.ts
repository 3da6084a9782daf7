/** Folders and files that are this user's alone, whatever the umask and whatever somebody has put in their place. */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeSync
} from "node:fs"
import { dirname, resolve } from "node:path"

/** A file where nothing is yet: neither is one written over, nor a link followed. */
export const writeNew = (path: string, text: string): void => {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  try {
    fchmodSync(file, 0o600)
    writeSync(file, text)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
}

/** The number in a file that holds nothing else; NaN in an empty one; undefined where there is no such file. */
export const numberIn = (path: string): number | undefined => {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined || !stats.isFile() || stats.size > LONGEST_NUMBER) return undefined
  const text = readFileSync(path, "utf8")
  return /^\d*\n?$/.test(text) ? Number.parseInt(text, 10) : undefined
}
const LONGEST_NUMBER = 16

/**
 * Makes the folder, and those above it that are not there; `made` is told of each. One by one: Node 26 never comes back from `recursive`
 * where a folder cannot be made in an existing one, as below /proc.
 */
export const makeFolder = (path: string, made: (folder: string) => void): void => {
  const missing: Array<string> = []
  let there = path
  while (!isThere(there)) {
    missing.unshift(there)
    there = dirname(there)
  }
  if (statSync(there, { throwIfNoEntry: false }) === undefined) throw new Error(sayDangling(there))
  if (!statSync(there).isDirectory()) throw new Error(there === path ? "it is not a folder" : `${there} is not a folder`)
  for (const folder of missing) {
    mkdirSync(folder, { mode: folder === path ? 0o700 : 0o777 })
    made(folder)
    if (folder === path) chmodSync(folder, 0o700)
  }
}

/** Below a file there is nothing. */
const isThere = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return false
    throw error
  }
}

/** The one name of a folder that has many. Throws a sentence where there is none. */
export const realFolder = (path: string): string => {
  try {
    return realpathSync(path)
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case "ENOENT":
        throw new Error(lstatSync(path, { throwIfNoEntry: false }) === undefined ? "it is not there" : sayDangling(path))
      case "EACCES":
        throw new Error("we are not permitted to look there")
      default:
        throw error
    }
  }
}

/** As `path.resolve`, with a sentence where that has none. */
export const absolute = (path: string): string => {
  if (path === "") throw new Error("its name is empty")
  try {
    return resolve(path)
  } catch {
    throw new Error("the folder in which we are is gone, so it must be named by its whole path")
  }
}

const sayDangling = (path: string): string => `${path} is a link to ${readlinkSync(path)}, which is not there`

/** Without the full stop, as it stands within our own sentences. */
export const reason = (error: unknown): string => (error instanceof Error ? error.message.replace(/\.$/, "") : String(error))
