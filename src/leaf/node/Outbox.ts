/**
 * The events of a spawner: numbered, told in order, and kept until they are acknowledged.
 *
 * Lines are bounded, per leaf and in all, because output is the one thing a child can make as much of as it likes. Beyond the bounds
 * new lines are counted and not kept; one `Dropped` stands in their place. Every other event is kept whatever happens: there are only
 * a handful of them in a life.
 */
import { monotonicMs } from "../os/monotonic.ts"
import type { LeafEvent, Life } from "../Spawner.ts"

/** How many lines of one leaf wait for acknowledgement. */
export const LINES_PER_LEAF = 5_000
/** How many bytes of lines of one leaf wait, each line with its overhead. */
export const BYTES_PER_LEAF = 1024 * 1024
/** How many bytes of lines of all leaves wait, each line with its overhead. */
export const BYTES_IN_ALL = 16 * 1024 * 1024
/** What a kept line costs beside its text. */
export const LINE_OVERHEAD = 128
/** Acknowledged places are given back when there are more of them than this, and than half of all. */
const COMPACT_FROM = 1_024

/** What is kept for one life, and what was not. */
export class OutputQuota {
  readonly path: string
  readonly incarnation: number
  lines = 0
  bytes = 0
  /** Since when it was full, lines are only counted, until half of its bounds is free: one gap, not one for every second line. */
  full = false
  droppedLines = 0
  droppedBytes = 0

  constructor(life: Life) {
    this.path = life.path
    this.incarnation = life.incarnation
  }
}

type Unstamped<E> = E extends LeafEvent ? Omit<E, "n" | "at"> : never
type Unnumbered<E> = E extends LeafEvent ? Omit<E, keyof Life | "n" | "at"> : never
/** An event before it has its incarnation, number and time. */
type UnnumberedEvent = Unnumbered<Exclude<LeafEvent, { readonly _tag: "Line" | "Dropped" }>>

interface Kept {
  readonly event: LeafEvent
  /** Of a line, and 0 of everything else. */
  readonly cost: number
  readonly account: OutputQuota
}

export class Outbox {
  /** The kept events are kept[head…]; their numbers have no gaps. */
  private kept: Array<Kept | undefined> = []
  private head = 0
  /** The number of the next event, and of the next one to tell. */
  private next = 1
  private told = 1
  private bytes = 0
  private sink: ((event: LeafEvent) => void) | undefined = undefined
  private telling = false
  private warned = false
  /** The accounts that are full. */
  private readonly full = new Set<OutputQuota>()

  attach(sink: ((event: LeafEvent) => void) | undefined): void {
    this.sink = sink
    this.warned = false
    this.told = this.next - (this.kept.length - this.head)
    this.tellAll()
  }

  /** Frees the events up to and including `n`. A number that was never told frees no more than there is. */
  acknowledge(n: number): void {
    const wasCrowded = this.bytes > BYTES_IN_ALL / 2
    while (this.head < this.kept.length) {
      const { event, cost, account } = this.kept[this.head]!
      if (!(event.n <= n)) break
      this.kept[this.head++] = undefined
      if (cost > 0) this.free(account, cost)
    }
    if (this.head > COMPACT_FROM && this.head * 2 > this.kept.length) {
      this.kept = this.kept.slice(this.head)
      this.head = 0
    }
    if (wasCrowded && this.bytes <= BYTES_IN_ALL / 2) {
      for (const account of this.full) this.reopen(account)
    }
    this.tellAll()
  }

  /** Tells an event that is never dropped. What was dropped of that life before is told first. */
  tell(account: OutputQuota, news: UnnumberedEvent): void {
    this.tellGap(account)
    this.append({ ...news, path: account.path, incarnation: account.incarnation }, 0, account)
    this.tellAll()
  }

  /** May a line of so many bytes be told? If not, it is counted. Asked before the line is decoded, so a flood that nobody takes is cheap. */
  hasRoom(account: OutputQuota, size: number): boolean {
    if (account.full && !this.reopen(account)) return this.drop(account, size)
    const cost = size + LINE_OVERHEAD
    const fits = account.lines < LINES_PER_LEAF && account.bytes + cost <= BYTES_PER_LEAF && this.bytes + cost <= BYTES_IN_ALL
    if (fits) return true
    account.full = true
    this.full.add(account)
    return this.drop(account, size)
  }

  /** Tells a line for which there is room. */
  tellLine(account: OutputQuota, stream: "stdout" | "stderr", text: string, size: number, continues: boolean): void {
    const { path, incarnation } = account
    const cost = size + LINE_OVERHEAD
    account.lines += 1
    account.bytes += cost
    this.bytes += cost
    this.append({ _tag: "Line", path, incarnation, stream, text, continues }, cost, account)
    this.tellAll()
  }

  /** The life is over: nothing more of it comes. */
  close(account: OutputQuota): void {
    this.full.delete(account)
  }

  /** How much is kept. */
  size(): { readonly events: number; readonly bytes: number } {
    return { events: this.kept.length - this.head, bytes: this.bytes }
  }

  private append(event: Unstamped<LeafEvent>, cost: number, account: OutputQuota): void {
    this.kept.push({ event: { ...event, n: this.next++, at: monotonicMs() } as LeafEvent, cost, account })
  }

  private drop(account: OutputQuota, size: number): false {
    account.droppedLines += 1
    account.droppedBytes += size
    return false
  }

  private free(account: OutputQuota, cost: number): void {
    account.lines -= 1
    account.bytes -= cost
    this.bytes -= cost
    if (account.full) this.reopen(account)
  }

  /** Ends the gap of a full account once half of the bounds is free again. */
  private reopen(account: OutputQuota): boolean {
    if (account.lines > LINES_PER_LEAF / 2 || account.bytes > BYTES_PER_LEAF / 2 || this.bytes > BYTES_IN_ALL / 2) return false
    account.full = false
    this.full.delete(account)
    this.tellGap(account)
    return true
  }

  private tellGap(account: OutputQuota): void {
    if (account.droppedLines === 0) return
    const { path, incarnation, droppedLines: lines, droppedBytes: bytes } = account
    account.droppedLines = 0
    account.droppedBytes = 0
    this.append({ _tag: "Dropped", path, incarnation, lines, bytes }, 0, account)
  }

  /**
   * Tells what has not been told. A sink may give commands, which make events, while it is being told one: those wait here for
   * their turn, so the sink sees the numbers in order.
   */
  private tellAll(): void {
    if (this.telling) return
    this.telling = true
    while (this.sink !== undefined && this.told < this.next) {
      const first = this.next - (this.kept.length - this.head)
      this.told = Math.max(this.told, first)
      const kept = this.kept[this.head + this.told - first]
      if (kept === undefined) break
      this.told += 1
      this.tellOne(this.sink, kept.event)
    }
    this.telling = false
  }

  /** A sink that throws has not acknowledged; the event stays kept, and the others are not held up by it. */
  private tellOne(sink: (event: LeafEvent) => void, event: LeafEvent): void {
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
