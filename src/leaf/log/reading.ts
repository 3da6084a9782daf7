/** Reads the logs of many workers as one, in the order of time. */
import { setTimeout as sleep } from "node:timers/promises"
import { Heap } from "../../core/Heap.ts"
import type { LogStream } from "./entry.ts"
import { pathsIn } from "./files.ts"
import type { LogItem } from "./LineJoiner.ts"
import { LogCursor, type Skipped } from "./LogCursor.ts"
import { incarnationAt, placeOfLast, placeSince } from "./places.ts"

/** An item of the log of this worker. */
export type PathItem = { readonly path: string } & (LogItem | Skipped)
type Batch = ReadonlyArray<PathItem>

/** What is read. Items that are not lines are no part of what is counted. */
export interface Reading {
  /** The folder of all logs. */
  readonly root: string
  /** Which workers are meant. Asked again for those that appear while it follows. */
  readonly isMeant: (path: string) => boolean
  /** Only the last ones. Undefined: all. */
  readonly lines: number | undefined
  /** Only what was written at this time or later, in the form of an entry. */
  readonly since?: string | undefined
  readonly stream?: LogStream | undefined
  readonly incarnation?: number | undefined
  /** Whether it must be known to which incarnation a line belongs. */
  readonly needsIncarnations: boolean
  /** Go on with what is written from now on. */
  readonly follow: boolean
}

/** More logs are not read from their beginnings at once. */
export const MERGED_MOST = 1_000
/** How often it is looked for more, and after how many times for new workers. */
const POLL_MS = 200
const DISCOVER_EVERY = 5

/** Everything that is asked for, in parts; while it follows it does not end. */
export async function* read(reading: Reading): AsyncGenerator<Batch> {
  const paths = (await pathsIn(reading.root)).filter(reading.isMeant)
  const cursors = new Map<string, LogCursor>()
  const { lines } = reading
  if (lines === undefined || reading.incarnation !== undefined) {
    for (const path of paths) cursors.set(path, await cursorSince(path, reading))
    const all = merged([...cursors.values()].map((cursor) => wanted(cursor, reading)))
    yield* lines === undefined ? all : lastOf(all, lines)
  } else {
    yield await lastOfEach(paths, lines, reading, cursors)
  }
  if (reading.follow) yield* follow(cursors, reading)
}

const folderOf = ({ root }: Reading, path: string): string => `${root}${path}`

async function cursorSince(path: string, reading: Reading): Promise<LogCursor> {
  const folder = folderOf(reading, path)
  if (reading.since === undefined) return new LogCursor(path, folder)
  const place = await placeSince(folder, reading.since)
  return new LogCursor(path, folder, place, await incarnationIn(path, place, reading))
}

const incarnationIn = async (path: string, place: Parameters<typeof incarnationAt>[2], reading: Reading) =>
  reading.needsIncarnations ? await incarnationAt(path, folderOf(reading, path), place) : undefined

/** All there is now of one log, as far as it is asked for. */
async function* wanted(cursor: LogCursor, reading: Reading): AsyncGenerator<Batch> {
  const { path } = cursor
  for await (const items of cursor.read()) {
    const batch = items.filter((item) => isWanted(item, reading)).map((item) => ({ path, ...item }))
    if (batch.length > 0) yield batch
  }
}

function isWanted(item: LogItem | Skipped, { since, stream, incarnation }: Reading): boolean {
  if (item._tag === "Skipped") return true
  if (since !== undefined && item.time < since) return false
  if (incarnation !== undefined && item.incarnation !== incarnation) return false
  // A gap may be one of either stream.
  return stream === undefined || (item._tag === "Line" ? item.stream === stream : item._tag === "Gap")
}

// ---------------------------------------------------------------- the last lines

/** One log after the other, so that no more lines are kept than are asked for. */
async function lastOfEach(paths: ReadonlyArray<string>, lines: number, reading: Reading, cursors: Map<string, LogCursor>): Promise<Batch> {
  let last: Batch = []
  const { stream } = reading
  for (const path of paths) {
    const isFull = last.filter(isLine).length >= lines
    const oldest = isFull ? last.find(isLine)?.time : undefined
    const since = [reading.since, oldest].reduce((one = "", other = "") => (one > other ? one : other)) || undefined
    const place = await placeOfLast(path, folderOf(reading, path), { lines, stream, ...(since === undefined ? {} : { since }) })
    const cursor = new LogCursor(path, folderOf(reading, path), place, await incarnationIn(path, place, reading))
    cursors.set(path, cursor)
    let own: Batch = []
    for await (const batch of wanted(cursor, reading)) own = cut([...own, ...batch], lines)
    last = cut([...last, ...own].sort(byTime), lines)
  }
  return last
}

async function* lastOf(batches: AsyncGenerator<Batch>, lines: number): AsyncGenerator<Batch> {
  let last: Batch = []
  for await (const batch of batches) last = cut([...last, ...batch], lines)
  yield last
}

const isLine = (item: PathItem): boolean => item._tag === "Line"

/** The last lines, and what stands between and after them; all, if there are fewer lines. */
function cut(items: Batch, lines: number): Batch {
  if (lines === 0) return []
  let count = 0
  for (let i = items.length - 1; i >= 0; i--) if (isLine(items[i]!) && ++count === lines) return items.slice(i)
  return items
}

// ---------------------------------------------------------------- several logs

const byTime = (one: PathItem, other: PathItem): number => (one.time < other.time ? -1 : one.time > other.time ? 1 : 0)

interface Source {
  readonly order: number
  readonly batches: AsyncGenerator<Batch>
  /** Never empty, and `next` is in it, while it is in the heap. */
  batch: Batch
  next: number
}

const PART_ITEMS = 1_000

/** Each of them is in the order of time. Items of the same time stay together, and in the order of the sources. */
async function* merged(sources: ReadonlyArray<AsyncGenerator<Batch>>): AsyncGenerator<Batch> {
  const heap = new Heap<Source>((one, other) => {
    const order = byTime(one.batch[one.next]!, other.batch[other.next]!)
    return order < 0 || (order === 0 && one.order < other.order)
  })
  const add = async (source: Source): Promise<void> => {
    if (source.next >= source.batch.length) {
      const { value, done } = await source.batches.next()
      if (done === true) return
      source.batch = value
      source.next = 0
    }
    heap.add(source)
  }
  for (const [order, batches] of sources.entries()) await add({ order, batches, batch: [], next: 0 })
  let part: Array<PathItem> = []
  for (let source = heap.next(); source !== undefined; source = heap.next()) {
    part.push(source.batch[source.next++]!)
    await add(source)
    if (part.length < PART_ITEMS) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

// ---------------------------------------------------------------- following

async function* follow(cursors: Map<string, LogCursor>, reading: Reading): AsyncGenerator<Batch> {
  for (let round = 1; ; round++) {
    await sleep(POLL_MS)
    if (round % DISCOVER_EVERY === 0) {
      for (const path of await pathsIn(reading.root)) {
        if (reading.isMeant(path) && !cursors.has(path)) cursors.set(path, new LogCursor(path, folderOf(reading, path)))
      }
    }
    const found: Array<PathItem> = []
    for (const cursor of cursors.values()) {
      for await (const batch of wanted(cursor, reading)) {
        found.push(...batch)
        if (found.length > PART_ITEMS) yield found.splice(0).sort(byTime)
      }
    }
    if (found.length > 0) yield found.sort(byTime)
  }
}
