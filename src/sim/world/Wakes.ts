/** The wakes that the core has asked for, by its own clock, which may jump. */
import type { Action } from "../../core/Action.ts"
import type { Event } from "../../core/Event.ts"
import { EventQueue } from "./EventQueue.ts"

/** Asked for at one time of the world, for another. */
interface Wait {
  readonly since: number
  readonly until: number
  readonly event: Extract<Event, { readonly _tag: "Wake" }>
}

export class Wakes {
  private readonly queue = new EventQueue<Wait>()
  /** For how long of the time between the two the supervisor did not run. */
  private readonly missed: (from: number, to: number) => number

  constructor(missed: (from: number, to: number) => number) {
    this.missed = missed
  }

  get first(): { readonly at: number; readonly tie: number } | undefined {
    return this.queue.first
  }

  add({ path, incarnation, purpose, at }: Extract<Action, { _tag: "Wake" }>, tie: number, since: number, until: number): void {
    this.queue.add(at, tie, { since, until, event: { _tag: "Wake", path, incarnation, purpose } })
  }

  /** As in the kernel, how long the supervisor did not run while a worker was starting is part of the event. */
  next(): Event {
    const { since, until, event } = this.queue.next()!.what
    const missedMs = event.purpose === "startTimeout" ? this.missed(since, until) : 0
    return missedMs > 0 ? { ...event, missedMs } : event
  }
}
