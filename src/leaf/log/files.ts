/**
 * The files of one log: `current.log`, and older ones named by when they were rotated, which may be compressed. Sorted
 * by name is sorted by age.
 */
import { constants } from "node:fs"
import { type FileHandle, open, readdir } from "node:fs/promises"
import { join } from "node:path"

export const CURRENT = "current.log"
export const ROTATED = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{9}Z\.log(\.gz)?$/
export const COMPRESSED = ".gz"

/** Is it a file of a log, whether or not it is written any more? */
export const isLogFile = (name: string): boolean => name === CURRENT || ROTATED.test(name)

/** Names as they were before compression, the oldest first, each once. None if there is no such folder. */
export async function rotatedIn(folder: string, after = ""): Promise<ReadonlyArray<string>> {
  const names = await orNothing(readdir(folder), [])
  const rotated = new Set(names.filter((name) => ROTATED.test(name)).map((name) => name.replace(/\.gz$/, "")))
  return [...rotated].filter((name) => name > after).sort()
}

interface OpenLog {
  readonly file: FileHandle
  readonly isCompressed: boolean
}

/** Undefined if it is gone. */
export async function openLog(folder: string, name: string): Promise<OpenLog | undefined> {
  const file = await openFile(join(folder, name))
  if (file !== undefined) return { file, isCompressed: false }
  const compressed = name === CURRENT ? undefined : await openFile(join(folder, name + COMPRESSED))
  return compressed && { file: compressed, isCompressed: true }
}

/** The paths of all workers that have a log in this folder. */
export async function pathsIn(root: string): Promise<ReadonlyArray<string>> {
  const paths: Array<string> = []
  const visit = async (path: string): Promise<void> => {
    const entries = await orNothing(readdir(join(root, path), { withFileTypes: true }), [])
    if (path !== "" && entries.some((entry) => entry.isFile() && isLogFile(entry.name))) paths.push(path)
    for (const entry of entries) if (entry.isDirectory()) await visit(`${path}/${entry.name}`)
  }
  await visit("")
  return paths
}

const openFile = (path: string): Promise<FileHandle | undefined> =>
  orNothing<FileHandle | undefined>(open(path, constants.O_RDONLY | constants.O_NOFOLLOW), undefined)

/** It may have been removed meanwhile. */
async function orNothing<A>(reading: Promise<A>, nothing: A): Promise<A> {
  try {
    return await reading
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return nothing
    throw error
  }
}
