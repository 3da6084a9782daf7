/**
 * Reads a log from a place in it to its end, and later what has been written since: each line once, while the files are
 * rotated, compressed and removed.
 *
 * A place is how much has been read of which file. A file is known by the one that was rotated before it, as it gets
 * its own name only when it is rotated itself. That nothing was removed in between shows its inode, and where it has
 * been compressed meanwhile, its beginning.
 */
import type { FileHandle } from "node:fs/promises"
import { chunksOf } from "./content.ts"
import { CURRENT, openLog, rotatedIn } from "./files.ts"
import { LineJoiner, type LogItem } from "./LineJoiner.ts"

export interface LogPlace {
  /** All files up to this one have been read; empty: none. */
  readonly after: string
  /** How many bytes of the next file have been read: whole lines. */
  readonly offset: number
}

/** Something has been passed over; `because` is a sentence without its full stop. */
export interface Skipped {
  readonly _tag: "Skipped"
  readonly time: string
  readonly because: string
}

const NEWLINE = 0x0a
/** What has no newline for so long is no log. */
const ENTRY_MOST_BYTES = 1024 * 1024
const HEAD_BYTES = 256

/** Of the file that is being read. */
interface Identity {
  readonly inode: number
  readonly head: Buffer
}

export class LogCursor {
  readonly path: string
  private readonly folder: string
  private readonly joiner: LineJoiner
  private after: string
  private offset: number
  private identity: Identity | undefined = undefined
  private time = ""

  /** `incarnation`: to which the line at this place belongs, if that is known. */
  constructor(path: string, folder: string, from: LogPlace = { after: "", offset: 0 }, incarnation?: number) {
    this.path = path
    this.folder = folder
    this.after = from.after
    this.offset = from.offset
    this.joiner = new LineJoiner(path, incarnation)
  }

  /** All there is now, in parts. To be called again when all of it has been taken. */
  async *read(): AsyncGenerator<ReadonlyArray<LogItem | Skipped>> {
    for (;;) {
      const [rotated] = await rotatedIn(this.folder, this.after)
      if (rotated !== undefined) {
        yield* this.readRotated(rotated)
        continue
      }
      const file = (await openLog(this.folder, CURRENT))?.file
      if (file === undefined) return
      const [hasBeenRotated] = await rotatedIn(this.folder, this.after)
      if (hasBeenRotated !== undefined) await file.close()
      else return yield* this.readCurrent(file)
    }
  }

  private async *readCurrent(file: FileHandle): AsyncGenerator<ReadonlyArray<LogItem | Skipped>> {
    const { ino, size } = await file.stat()
    if ((this.identity !== undefined && this.identity.inode !== ino) || size < this.offset) yield this.startAgain()
    this.identity = { inode: ino, head: await headOf(file) }
    yield* this.parts(chunksOf(file, false, this.offset))
  }

  private async *readRotated(name: string): AsyncGenerator<ReadonlyArray<LogItem | Skipped>> {
    try {
      if (!(await this.isSame(name))) yield this.startAgain()
      const opened = await openLog(this.folder, name)
      if (opened !== undefined) yield* this.parts(chunksOf(opened.file, opened.isCompressed, this.offset))
    } catch (error) {
      yield [{ _tag: "Skipped", time: this.time, because: `${name} cannot be read: ${(error as Error).message}` }]
    }
    this.after = name
    this.offset = 0
    this.identity = undefined
  }

  /** Is this the file that we have read the beginning of? */
  private async isSame(name: string): Promise<boolean> {
    if (this.identity === undefined) return true
    const { inode, head } = this.identity
    const opened = await openLog(this.folder, name)
    if (opened === undefined) return false
    if (opened.isCompressed) return (await firstOf(chunksOf(opened.file, true, 0))).subarray(0, head.length).equals(head)
    const { ino } = await opened.file.stat()
    await opened.file.close()
    return ino === inode
  }

  /** What we were reading is not there any more. */
  private startAgain(): ReadonlyArray<Skipped> {
    this.offset = 0
    return [{ _tag: "Skipped", time: this.time, because: "files were removed, or cut, before all of them was read" }]
  }

  /** Goes on to the end of the last whole line. */
  private async *parts(chunks: AsyncGenerator<Buffer>): AsyncGenerator<ReadonlyArray<LogItem>> {
    let rest: Buffer = Buffer.alloc(0)
    for await (const chunk of chunks) {
      const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const items: Array<LogItem> = []
      let start = 0
      for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, start)) {
        this.joiner.add(text.subarray(start, end), (item) => items.push(item))
        start = end + 1
      }
      if (text.length - start > ENTRY_MOST_BYTES) start = text.length
      rest = text.subarray(start)
      this.offset += start
      this.time = items.at(-1)?.time ?? this.time
      if (items.length > 0) yield items
    }
  }
}

async function firstOf(chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
  for await (const chunk of chunks) return chunk
  return Buffer.alloc(0)
}

async function headOf(file: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
  return buffer.subarray(0, bytesRead)
}
