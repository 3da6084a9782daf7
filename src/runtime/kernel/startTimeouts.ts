/**
 * Start timeouts that pass while we do not run: stopped, asleep, or busy. Whoever has to be asked by us whether it is ready was not asked
 * meanwhile, and gets that time back; what it says by itself waits to be read, and needs no such thing.
 */
import type { Event } from "../../core/Event.ts"

type Wake = Extract<Event, { readonly _tag: "Wake" }>

/** Of a worker that is starting, and is asked by us whether it is ready; in milliseconds. */
export interface Asked {
  readonly startTimeout: number
  /** From one check to the next, and how long one may take. */
  readonly interval: number
  readonly timeout: number
}

interface StallSource {
  /** Undefined: it is not starting any more, or not asked. */
  readonly asked: (wake: Wake) => Asked | undefined
  /** For how long of the time between the two we did not run. */
  readonly stalled: (from: number, to: number) => number
}

/** Less is the daily business of an event loop. */
const STALLED_MS = 100

/**
 * Says until when a start timeout that was due at `due` is put off, and the event that is to come then; undefined if its time is really up.
 * What was missed is given back, however often; and the first time that of one whole check more, as one in flight has failed with us.
 */
export function makeStartTimeouts({ asked, stalled }: StallSource) {
  const armedAt = new WeakMap<Event, number>()
  return (event: Event, due: number, now: number): { readonly at: number; readonly event: Event } | undefined => {
    if (event._tag !== "Wake" || event.purpose !== "startTimeout") return undefined
    const who = asked(event)
    if (who === undefined) return undefined
    const before = armedAt.get(event)
    const missed = stalled(before ?? due - who.startTimeout, due)
    if (missed < STALLED_MS) return undefined
    const again = { ...event }
    armedAt.set(again, now)
    return { at: now + missed + (before === undefined ? who.interval + who.timeout : 0), event: again }
  }
}
