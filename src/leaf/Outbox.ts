/**
 * The events of a spawner: numbered, delivered in order, and kept until they are acknowledged.
 *
 * Lines are limited, per leaf and in all, because a child can write as much as it likes. Above the limits new lines are
 * counted and not kept; one `Dropped` stands in their place. All other events are always kept: an incarnation has only
 * a handful.
 */
import type { Incarnation } from "../core/Event.ts"
import { monotonicMs } from "./os/monotonic.ts"
import type { LeafEvent } from "./Spawner.ts"

/** How many lines of one leaf may wait for acknowledgement. */
export const LINES_PER_LEAF = 5_000
/** How many bytes of lines of one leaf may wait, each line with its overhead. */
export const BYTES_PER_LEAF = 1024 * 1024
/** How many bytes of lines of all leaves may wait, each line with its overhead. */
export const BYTES_IN_ALL = 16 * 1024 * 1024
/** What a kept line costs in addition to its text, in bytes. */
export const LINE_OVERHEAD = 128
/** The queue is compacted when more slots than this are acknowledged, and more than half of all. */
const COMPACT_FROM = 1_024

/** How much output of one incarnation is kept, and how much was dropped. */
export class OutputQuota {
  readonly path: string
  readonly incarnation: number
  lines = 0
  bytes = 0
  /**
   * Once full, lines are only counted until half of the limits is free: one gap instead of one for every second line.
   */
  full = false
  droppedLines = 0
  droppedBytes = 0

  constructor({ path, incarnation }: Incarnation) {
    this.path = path
    this.incarnation = incarnation
  }
}

type Without<E, K extends PropertyKey> = E extends LeafEvent ? Omit<E, K> : never
/** An event before it has its number and time. */
type UnnumberedEvent = Without<LeafEvent, "n" | "at">
/** An event before it has its incarnation, number and time. */
type EventBody = Without<Exclude<LeafEvent, { readonly _tag: "Line" | "Dropped" }>, keyof Incarnation | "n" | "at">

interface Kept {
  readonly event: LeafEvent
  /** Its bytes if it is a line, otherwise 0. */
  readonly cost: number
  readonly quota: OutputQuota
  /** Its number where it comes from; 0 if it has none. */
  readonly source: number
}

/** When an event was seen, in milliseconds of CLOCK_MONOTONIC, and its number where it comes from. */
export interface Seen {
  readonly at: number
  readonly source?: number
}

export class Outbox {
  /** The kept events are kept[head…], numbered without gaps. */
  private kept: Array<Kept | undefined> = []
  private head = 0
  /** The number of the next event. */
  private next = 1
  /** The number of the next event to deliver. */
  private nextToDeliver = 1
  private bytes = 0
  private sink: ((event: LeafEvent) => void) | undefined = undefined
  private delivering = false
  private warned = false
  /** The quotas that are full. */
  private readonly full = new Set<OutputQuota>()
  private readonly onFreed: (source: number) => void

  /** `onFreed`: called with the number of the last event that was freed, where it comes from. */
  constructor(onFreed: (source: number) => void = () => {}) {
    this.onFreed = onFreed
  }

  attach(sink: ((event: LeafEvent) => void) | undefined): void {
    this.sink = sink
    this.warned = false
    this.nextToDeliver = this.next - (this.kept.length - this.head)
    this.deliverAll()
  }

  /** Frees the events up to and including `n`. A number that does not exist yet frees what there is. */
  acknowledge(n: number): void {
    const wasCrowded = this.bytes > BYTES_IN_ALL / 2
    let freed = 0
    while (this.head < this.kept.length) {
      const { event, cost, quota, source } = this.kept[this.head]!
      if (!(event.n <= n)) break
      this.kept[this.head++] = undefined
      freed = Math.max(freed, source)
      if (cost > 0) this.free(quota, cost)
    }
    if (freed > 0) this.onFreed(freed)
    if (this.head > COMPACT_FROM && this.head * 2 > this.kept.length) {
      this.kept = this.kept.slice(this.head)
      this.head = 0
    }
    if (wasCrowded && this.bytes <= BYTES_IN_ALL / 2) {
      for (const quota of this.full) this.reopen(quota)
    }
    this.deliverAll()
  }

  /** Emits an event that is never dropped. A gap in the output before it is reported first. */
  emit(quota: OutputQuota, body: EventBody, seen?: Seen): void {
    this.emitGap(quota)
    this.append({ ...body, path: quota.path, incarnation: quota.incarnation }, 0, quota, seen)
    this.deliverAll()
  }

  /**
   * May a line of `size` bytes be kept? If not, it is counted. Asked before the line is decoded, so dropping a flood is
   * cheap.
   */
  hasRoom(quota: OutputQuota, size: number): boolean {
    if (quota.full && !this.reopen(quota)) return this.drop(quota, size)
    const cost = size + LINE_OVERHEAD
    const fits = quota.lines < LINES_PER_LEAF && quota.bytes + cost <= BYTES_PER_LEAF && this.bytes + cost <= BYTES_IN_ALL
    if (fits) return true
    quota.full = true
    this.full.add(quota)
    return this.drop(quota, size)
  }

  /** Emits a line, after `hasRoom`. */
  emitLine(quota: OutputQuota, stream: "stdout" | "stderr", text: string, size: number, continues: boolean, seen?: Seen): void {
    const { path, incarnation } = quota
    const cost = size + LINE_OVERHEAD
    quota.lines += 1
    quota.bytes += cost
    this.bytes += cost
    this.append({ _tag: "Line", path, incarnation, stream, text, continues }, cost, quota, seen)
    this.deliverAll()
  }

  /** Lines of it were dropped elsewhere. */
  dropped(quota: OutputQuota, lines: number, bytes: number): void {
    quota.droppedLines += lines
    quota.droppedBytes += bytes
    if (quota.full) return
    this.emitGap(quota)
    this.deliverAll()
  }

  /** The leaf has ended: nothing more of it comes. */
  close(quota: OutputQuota): void {
    this.full.delete(quota)
  }

  /** How much is kept. */
  size(): { readonly events: number; readonly bytes: number } {
    return { events: this.kept.length - this.head, bytes: this.bytes }
  }

  private append(event: UnnumberedEvent, cost: number, quota: OutputQuota, seen?: Seen): void {
    this.kept.push({ event: { ...event, n: this.next++, at: seen?.at ?? monotonicMs() }, cost, quota, source: seen?.source ?? 0 })
  }

  private drop(quota: OutputQuota, size: number): false {
    quota.droppedLines += 1
    quota.droppedBytes += size
    return false
  }

  private free(quota: OutputQuota, cost: number): void {
    quota.lines -= 1
    quota.bytes -= cost
    this.bytes -= cost
    if (quota.full) this.reopen(quota)
  }

  /** Ends the gap of a full quota once half of the limits is free again. */
  private reopen(quota: OutputQuota): boolean {
    if (quota.lines > LINES_PER_LEAF / 2 || quota.bytes > BYTES_PER_LEAF / 2 || this.bytes > BYTES_IN_ALL / 2) return false
    quota.full = false
    this.full.delete(quota)
    this.emitGap(quota)
    return true
  }

  private emitGap(quota: OutputQuota): void {
    if (quota.droppedLines === 0 && quota.droppedBytes === 0) return
    const { path, incarnation, droppedLines: lines, droppedBytes: bytes } = quota
    quota.droppedLines = 0
    quota.droppedBytes = 0
    this.append({ _tag: "Dropped", path, incarnation, lines, bytes }, 0, quota)
  }

  /**
   * Delivers what was not delivered yet. The sink may give commands meanwhile, which emit events: those wait here for
   * their turn, so the sink sees the numbers in order.
   */
  private deliverAll(): void {
    if (this.delivering) return
    this.delivering = true
    while (this.sink !== undefined && this.nextToDeliver < this.next) {
      const first = this.next - (this.kept.length - this.head)
      this.nextToDeliver = Math.max(this.nextToDeliver, first)
      const kept = this.kept[this.head + this.nextToDeliver - first]
      if (kept === undefined) break
      this.nextToDeliver += 1
      this.deliver(this.sink, kept.event)
    }
    this.delivering = false
  }

  /** A sink that throws has not acknowledged: the event stays kept, and the others are not held up. */
  private deliver(sink: (event: LeafEvent) => void, event: LeafEvent): void {
    try {
      sink(event)
    } catch (error) {
      if (this.warned) return
      this.warned = true
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
      process.emitWarning(`The sink of a spawner threw at event ${event.n} (${event._tag} of ${event.path}): ${reason}`)
    }
  }
}
