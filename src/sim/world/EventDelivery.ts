/** When the core hears of what happens: at once, or, while the supervisor does not get to run, later and all together. */
import type { Event } from "../../core/Event.ts"

/** What it needs of the world around it. */
interface WorldPort {
  readonly now: () => number
  /** Before everything else that is to happen at that moment. */
  readonly at: (moment: number, then: () => void) => void
  readonly fold: (event: Event) => void
}

export class EventDelivery {
  /** Until then the supervisor does not get to run. */
  deafUntil = 0
  /** What the core has not heard of yet, in this order. */
  private mail: Array<Event> = []
  private readonly around: WorldPort

  constructor(around: WorldPort) {
    this.around = around
  }

  /** Of several stalls the longest counts. */
  stall(until: number): void {
    this.deafUntil = Math.max(this.deafUntil, until)
  }

  /** Now, or when the supervisor gets to run again; then in this order, and before anything that is due by then. */
  tell(event: Event): void {
    if (this.around.now() >= this.deafUntil && this.mail.length === 0) return this.around.fold(event)
    this.mail.push(event)
    if (this.mail.length === 1) this.around.at(this.deafUntil, () => this.deliver())
  }

  /** The supervisor gets to run. */
  goOn(): void {
    this.deafUntil = this.around.now()
    this.deliver()
  }

  private deliver(): void {
    if (this.around.now() < this.deafUntil) return this.around.at(this.deafUntil, () => this.deliver())
    const { mail } = this
    this.mail = []
    for (const event of mail) this.around.fold(event)
  }
}
