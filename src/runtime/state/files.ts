/** Private folders and files of this user, whatever the umask and whatever another process has put in their place. */
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
import { mustBeOurWay } from "./ownership.ts"

/** Writes a new file. Fails if there is one, or a link. */
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

/** The number in a file that contains nothing else; NaN for an empty file; undefined if there is no such file. */
export const numberIn = (path: string): number | undefined => {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined || !stats.isFile() || stats.size > NUMBER_FILE_MAX_BYTES) return undefined
  const text = readFileSync(path, "utf8")
  return /^\d*\n?$/.test(text) ? Number.parseInt(text, 10) : undefined
}
const NUMBER_FILE_MAX_BYTES = 16

/** Whether a file is still the same. Undefined if there is none, or none that we can see. */
export const inodeOf = (path: string): number | undefined => {
  try {
    return lstatSync(path).ino
  } catch {
    return undefined
  }
}

/**
 * Makes the folder and the missing ones above it, and calls `made` with each. One by one, because in Node 26
 * `recursive` never returns if a folder cannot be made in an existing one, as in /proc.
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

/** Also answers false for a path below a file. */
const isThere = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return false
    throw error
  }
}

/** Without links. If there is no such folder, throws an error with a sentence for people. */
export const realFolder = (path: string): string => {
  try {
    const real = realpathSync(path)
    mustBeOurWay(path)
    return real
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

/** Without links, as far as there is such a path. */
export const realPath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}

/** As `path.resolve`, with errors that people understand. */
export const absolute = (path: string): string => {
  if (path === "") throw new Error("its name is empty")
  try {
    return resolve(path)
  } catch {
    throw new Error("the folder in which we are is gone, so it must be named by its whole path")
  }
}

const sayDangling = (path: string): string => `${path} is a link to ${readlinkSync(path)}, which is not there`

/** The message of an error without its full stop, to be used within a sentence. */
export const reason = (error: unknown): string => (error instanceof Error ? error.message.replace(/\.$/, "") : String(error))
