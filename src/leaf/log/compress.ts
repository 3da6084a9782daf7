/**
 * Compresses files of a log that are no longer written. That may end at any moment, with this process: what is half
 * done has a name of its own, which neither the keeper nor a reader takes for a file of the log.
 *
 * The keeper may remove the file meanwhile, as there are too many. Then what was made of it goes as well; at worst it
 * is the oldest one at the next rotation, and goes then.
 */
import { constants, createWriteStream } from "node:fs"
import { chmod, lstat, open, readdir, rename, rm, utimes } from "node:fs/promises"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { createGzip } from "node:zlib"
import { COMPRESSED, ROTATED } from "./files.ts"

/** It does not begin with a digit, as the keeper's own files do. */
const partOf = (name: string): string => `.${name}${COMPRESSED}.part`
const PART = /^\.\d.*\.part$/

/** For this many times as long as a piece has taken nothing is done: others come first. */
const REST = 3
const LONGEST_REST_MS = 1_000

/** The files that are not compressed yet, the newest first: the oldest may be gone before it is their turn. */
export async function uncompressedIn(folder: string): Promise<ReadonlyArray<string>> {
  const names = (await readdir(folder)).filter((name) => ROTATED.test(name) && !name.endsWith(COMPRESSED))
  return names.sort().reverse()
}

/** Compresses one of them. Done as well if it is removed meanwhile. */
export async function compressLog(folder: string, name: string, signal: AbortSignal): Promise<void> {
  const [source, part] = [join(folder, name), join(folder, partOf(name))]
  const { ino, mode, mtime } = await lstat(source)
  try {
    const read = (await open(source, constants.O_RDONLY | constants.O_NOFOLLOW)).createReadStream()
    await pipeline(read, inPieces, createGzip(), createWriteStream(part, { flags: "wx", mode: 0o640, flush: true }), { signal })
    await chmod(part, mode)
    await utimes(part, mtime, mtime)
    if ((await inodeOf(source)) !== ino) return await rm(part, { force: true })
    await rename(part, source + COMPRESSED)
    await rm(source, { force: true })
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** What a process that ended in between has left: half a file, or one that is there twice. */
export async function finishCompressing(folder: string): Promise<void> {
  const names = await readdir(folder)
  for (const name of names) {
    if (PART.test(name)) await rm(join(folder, name), { force: true })
    if (ROTATED.test(name) && names.includes(name + COMPRESSED)) await rm(join(folder, name), { force: true })
  }
}

async function* inPieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    const began = performance.now()
    yield chunk
    await sleep(Math.min(LONGEST_REST_MS, REST * (performance.now() - began)))
  }
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await lstat(path)).ino
  } catch {
    return undefined
  }
}
