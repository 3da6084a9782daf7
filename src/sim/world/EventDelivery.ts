/** When events reach the core: at once or, while the supervisor is stalled, later and all together. */
import type { Event } from "../../core/Event.ts"

interface WorldPort {
  readonly now: () => number
  /** Before everything else at that time. */
  readonly at: (at: number, run: () => void) => void
  readonly step: (event: Event) => void
}

export class EventDelivery {
  /** Until then the supervisor does not run. */
  stalledUntil = 0
  private readonly stalls: Array<{ readonly from: number; to: number }> = []
  /** What the core has not received yet, in order. */
  private mailbox: Array<Event> = []
  private readonly port: WorldPort

  constructor(port: WorldPort) {
    this.port = port
  }

  /** Of several stalls, the longest counts. */
  stall(until: number): void {
    const from = Math.max(this.port.now(), this.stalledUntil)
    if (until > from) this.stalls.push({ from, to: until })
    this.stalledUntil = Math.max(this.stalledUntil, until)
  }

  /** For how long of the time between the two the supervisor did not run. */
  missed(from: number, to: number): number {
    return this.stalls.reduce((sum, stall) => sum + Math.max(0, Math.min(stall.to, to) - Math.max(stall.from, from)), 0)
  }

  /** Now, or when the supervisor runs again: then in order, and before anything that is due by then. */
  deliver(event: Event): void {
    if (this.port.now() >= this.stalledUntil && this.mailbox.length === 0) return this.port.step(event)
    this.mailbox.push(event)
    if (this.mailbox.length === 1) this.port.at(this.stalledUntil, () => this.flush())
  }

  /** Ends the stall. */
  resume(): void {
    this.stalledUntil = this.port.now()
    const last = this.stalls.at(-1)
    if (last !== undefined) last.to = Math.min(last.to, this.stalledUntil)
    this.flush()
  }

  private flush(): void {
    if (this.port.now() < this.stalledUntil) return this.port.at(this.stalledUntil, () => this.flush())
    const { mailbox } = this
    this.mailbox = []
    for (const event of mailbox) this.port.step(event)
  }
}
