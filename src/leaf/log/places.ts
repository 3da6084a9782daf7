/** Where to begin to read a log. */
import { linesBackwards } from "./content.ts"
import { type LogStream, markOf, parseEntry } from "./entry.ts"
import { CURRENT, rotatedIn } from "./files.ts"
import type { LogPlace } from "./LogCursor.ts"

/** What is looked for, from the end of a log backwards. */
interface Last {
  readonly lines: number
  /** Only lines of this stream are counted. */
  readonly stream?: LogStream | undefined
  /** No line before this time is counted. */
  readonly since?: string
}

/** How far back the beginning of a line is looked for that is mixed with lines of the other stream. */
const LOOK_BACK_BYTES = 256 * 1024

/**
 * A place from which there are this many lines to the end, or more, if there are that many in all. None of them begins
 * before it.
 */
export async function placeOfLast(path: string, folder: string, { lines, stream, since = "" }: Last): Promise<LogPlace> {
  const rotated = await rotatedIn(folder)
  const files = [...rotated, CURRENT]
  let count = 0
  let isEnough = false
  let lookedBack = 0
  /** The streams of which the first line that was found may have begun earlier. */
  const open = new Set<LogStream>()
  for (let i = files.length - 1; i >= 0; i--) {
    const begin = { after: files[i - 1] ?? "", offset: 0 }
    const backwards = await linesBackwards(folder, files[i]!)
    if (backwards === undefined && i < rotated.length) return begin // what is in it counts as enough
    for await (const { line, start } of backwards ?? []) {
      const entry = parseEntry(line)
      if (entry === undefined) continue
      const isMark = markOf(entry, path) !== undefined
      const isEnd = entry.isLast && !isMark
      const isCounted = isEnd && (stream === undefined || stream === entry.stream)
      isEnough ||= isEnd && (entry.time < since || (isCounted && count === lines))
      if (isMark) open.clear()
      else if (!isEnough) open.add(entry.stream)
      else if (isEnd) open.delete(entry.stream)
      if (isEnough) lookedBack += line.length
      else if (isCounted) count++
      if (isEnough && (open.size === 0 || lookedBack > LOOK_BACK_BYTES)) return { ...begin, offset: start + line.length + 1 }
    }
  }
  return { after: "", offset: 0 }
}

/** Before everything that was written at this time or later. A file is named by a time after all that is in it. */
export async function placeSince(folder: string, time: string): Promise<LogPlace> {
  const name = time.replace(/:/g, "-")
  const older = (await rotatedIn(folder)).filter((rotated) => rotated < name)
  return { after: older.at(-1) ?? "", offset: 0 }
}

/** The incarnation that was running at this place; undefined if that is in no file any more. */
export async function incarnationAt(path: string, folder: string, { after, offset }: LogPlace): Promise<number | undefined> {
  const rotated = await rotatedIn(folder)
  const files = [...rotated, CURRENT]
  const next = files.findIndex((name) => name === CURRENT || name > after)
  for (let i = next; i >= 0; i--) {
    const backwards = await linesBackwards(folder, files[i]!, i === next ? offset : undefined)
    if (backwards === undefined) continue
    for await (const { line } of backwards) {
      const entry = parseEntry(line)
      const mark = entry && markOf(entry, path)
      if (mark?._tag === "Begin") return mark.incarnation
      if (mark?._tag === "End") return undefined
    }
  }
  return undefined
}
