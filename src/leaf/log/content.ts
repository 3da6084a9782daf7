/** What is in the files of a log: forwards in chunks, or backwards in lines. */
import { type FileHandle, readFile } from "node:fs/promises"
import { createGunzip, gunzipSync } from "node:zlib"
import { openLog } from "./files.ts"

const CHUNK_BYTES = 64 * 1024
/** A compressed file that has more in it is not read backwards: that takes all of it in memory. */
const UNCOMPRESSED_MOST_BYTES = 256 * 1024 * 1024
const NEWLINE = 0x0a

/** From this offset of what was written, also if it has been compressed since. Closes the file. */
export async function* chunksOf(file: FileHandle, isCompressed: boolean, offset: number): AsyncGenerator<Buffer> {
  if (isCompressed) return yield* skip(gunzip(file), offset)
  try {
    for (let at = offset; ; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, at)
      if (bytesRead === 0) return
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

async function* gunzip(file: FileHandle): AsyncGenerator<Buffer> {
  const source = file.createReadStream()
  const unzipped = createGunzip({ chunkSize: CHUNK_BYTES })
  source.on("error", (error) => unzipped.destroy(error)).pipe(unzipped)
  try {
    yield* unzipped
  } finally {
    source.destroy()
  }
}

async function* skip(chunks: AsyncGenerator<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes
  for await (const chunk of chunks) {
    if (chunk.length > left) yield chunk.subarray(left)
    left = Math.max(0, left - chunk.length)
  }
}

/** A line without its newline, and where it begins. */
interface PlacedLine {
  readonly line: Buffer
  readonly start: number
}

/**
 * The lines of a file, the last one first, from those that end at `end` or before. What has no newline at its end is
 * left out. Undefined if the file is gone, or too large when it is uncompressed.
 */
export async function linesBackwards(folder: string, name: string, end = Infinity): Promise<AsyncGenerator<PlacedLine> | undefined> {
  const opened = await openLog(folder, name)
  if (opened === undefined) return undefined
  const { file, isCompressed } = opened
  if (!isCompressed) {
    const { size } = await file.stat()
    const read = async (from: number, to: number) => (await file.read(Buffer.allocUnsafe(to - from), 0, to - from, from)).buffer
    return backwards(read, Math.min(size, end), () => file.close())
  }
  try {
    const content = gunzipSync(await readFile(file), { maxOutputLength: UNCOMPRESSED_MOST_BYTES })
    return backwards(
      async (from, to) => content.subarray(from, to),
      Math.min(content.length, end),
      async () => {}
    )
  } catch {
    return undefined // reading it forwards says what is wrong with it
  } finally {
    await file.close()
  }
}

async function* backwards(
  read: (from: number, to: number) => Promise<Buffer>,
  end: number,
  close: () => Promise<void>
): AsyncGenerator<PlacedLine> {
  try {
    let rest: Buffer = Buffer.alloc(0)
    /** What is in `rest` ends with a line that has a newline after it. */
    let isComplete = false
    for (let at = end; at > 0; ) {
      const from = Math.max(0, at - CHUNK_BYTES)
      const chunk = await read(from, at)
      rest = rest.length === 0 ? chunk : Buffer.concat([chunk, rest])
      at = from
      for (let newline = rest.lastIndexOf(NEWLINE); newline >= 0; newline = rest.lastIndexOf(NEWLINE)) {
        if (isComplete) yield { line: rest.subarray(newline + 1), start: at + newline + 1 }
        isComplete = true
        rest = rest.subarray(0, newline)
      }
    }
    if (isComplete) yield { line: rest, start: 0 }
  } finally {
    await close()
  }
}
