/**
 * What one channel of heartbeats teaches, and when its silence is to be judged.
 *
 * All times are ms of one monotonic clock that the caller reads; nothing here does. The caller tells of each beat, arms one timer for
 * `dueAt("suspect")`, then for `dueAt("convict")`, and has each judged when it fires, with what of the silence was not the child's fault.
 * After a stall of its own it reads what beats are waiting before it judges: a verdict over unread news is worth nothing.
 *
 * What is learned outlives the incarnation: a child that pauses for two seconds will do so in its next life.
 */
import { type PhiModel, phi, timeoutFor } from "./Phi.ts"
import { addTo, emptyLongest, emptyStats, enter, type Longest, longestOf, type RollingStats, sampleOf } from "./RollingStats.ts"

export interface DetectorOptions {
  /** How often the child says that it beats. */
  readonly everyMs: number
  /** How φ is made of what was learned. "hybrid" is for children one does not know; "exponential" is Cassandra's. */
  readonly model: PhiModel["kind"]
  /** φ from which on the child is suspect: told, and not restarted. Default 3. */
  readonly suspect: number
  /** φ from which on it is convicted. Default 8: in the hybrid model a silence with twice the excess of the worst there was. */
  readonly convict: number
  /** The excess over the mean that is taken for granted before one was seen; an absolute time, as pauses are. Default 500 ms. */
  readonly graceMs: number
  /** A silence that convicts whatever φ is. Longer intervals are learned as this. */
  readonly hangAfterMs: number
}

/** What of a silence was not the child's, in ms. */
export interface Allowance {
  /** We ourselves did not run. Known exactly, so all of it is taken off. */
  readonly ownMs?: number
  /** It was ready to run and did not get a processor. At most 80 % of the silence is taken off, so that on a starved machine, too, it ends. */
  readonly queuedMs?: number
}

export type Level = "well" | "suspect" | "convict"

/** Plain data, to be kept or written down: what a later incarnation inherits. */
export interface Learned {
  readonly intervals: RollingStats
  readonly longest: Longest
}

/** The last 960 to 1,023 intervals make mean and spread. */
const WINDOW = 1024
/** The last 9,376 to 10,000 make the longest. */
const WINDOW_OF_WORST = 10_000
/** With fewer intervals the child's word is taken for the mean, as below. */
const ENOUGH = 10
/** Until then: a spread of a quarter of the mean, as Akka assumes, and an excess of three. */
const SD_AT_FIRST = 1 / 4
const EXCESS_AT_FIRST = 3
/** No sd below a tenth of the period, nor below 2 ms, the grain of timers and schedulers. */
export const SD_LEAST = 0.1
export const SD_LEAST_MS = 2
/** After an interval of more than three means those of less than a tenth belong to it: the pause's own beats, all at once. */
const PAUSE = 3
const BURST = 0.1
const QUEUED_MOST = 0.8

export class Detector {
  readonly learned: Learned
  readonly #options: DetectorOptions
  /** When silence began: the last beat, or when counting began anew. */
  #last: number | undefined
  /** There was a beat at `#last`, so that the next one ends an interval. */
  #beaten = false
  /** When the last beat was sent, by its own stamp, if that can be believed. */
  #sent: number | undefined
  #inBurst = false
  /** The worst verdict on this silence. */
  #level: Level = "well"

  constructor(options: DetectorOptions, learned: Learned = nothing()) {
    this.#options = options
    this.learned = learned
  }

  /** Silence counts from here: a new incarnation is ready, or the machine has slept. What was learned stays, and this interval is not learned. */
  reset(at: number): void {
    this.#last = at
    this.#beaten = false
    this.#sent = undefined
    this.#inBurst = false
    this.#level = "well"
  }

  /**
   * A beat. `sentAt` is the child's own stamp: it is believed after the stamp before (or, without one, the last receipt) and not after this
   * receipt, and then the interval is free of our delays; else the times of receipt count, less `ownMs`, for which we did not run since the
   * last beat. Says what the beat cleared the child of. Every interval is learned, also one that was suspected: else a child that has
   * become slower is suspected for ever.
   */
  beat(receivedAt: number, sentAt?: number, ownMs = 0): Level {
    const cleared = this.#level
    const quiet = positive(receivedAt - (this.#last ?? receivedAt))
    const believed = sentAt !== undefined && sentAt <= receivedAt && sentAt > (this.#sent ?? this.#last ?? Number.NEGATIVE_INFINITY)
    if (this.#beaten) this.#learn(believed && this.#sent !== undefined ? sentAt - this.#sent : positive(quiet - positive(ownMs)))
    if (cleared === "convict") {
      // Whatever made us decide, by its stamp or by ours, must not make us decide again.
      enter(this.learned.longest, Math.min(quiet, this.#options.hangAfterMs), WINDOW_OF_WORST)
    }
    this.#last = Math.max(receivedAt, this.#last ?? receivedAt)
    this.#beaten = true
    this.#sent = believed ? sentAt : undefined
    this.#level = "well"
    return cleared
  }

  #learn(interval: number): void {
    const { mean } = this.model()
    if (this.#inBurst && interval < BURST * mean) return
    this.#inBurst = interval > PAUSE * mean
    const clipped = Math.min(interval, this.#options.hangAfterMs)
    addTo(this.learned.intervals, clipped, WINDOW)
    enter(this.learned.longest, clipped, WINDOW_OF_WORST)
  }

  /** What is known now, with the floors. */
  model(): PhiModel {
    const { everyMs, model: kind, graceMs } = this.#options
    const { n, mean: measured, squares } = sampleOf(this.learned.intervals)
    const [mean, sd, least] =
      n < ENOUGH
        ? [everyMs, everyMs * SD_AT_FIRST, Math.max(graceMs, everyMs * EXCESS_AT_FIRST)]
        : [measured, Math.max(Math.sqrt(squares / n), everyMs * SD_LEAST, SD_LEAST_MS), graceMs]
    // Of an exponential distribution the sd is the mean.
    if (kind === "exponential") return { kind, mean: Math.max(mean, everyMs * SD_LEAST, SD_LEAST_MS) }
    return kind === "normal" ? { kind, mean, sd } : { kind, mean, sd, excess: Math.max(least, longestOf(this.learned.longest) - mean) }
  }

  /** The silence at `at` that is the child's own, in ms; 0 before counting began. */
  silence(at: number, { ownMs = 0, queuedMs = 0 }: Allowance = {}): number {
    const silence = this.#last === undefined ? 0 : positive(at - this.#last - positive(ownMs))
    return silence - Math.min(positive(queuedMs), silence * QUEUED_MOST)
  }

  /** Of that silence; 0 before counting began. */
  phi(at: number, excuse?: Allowance): number {
    return this.#last === undefined ? 0 : phi(this.silence(at, excuse), this.model())
  }

  /** The silence in ms that is at `threshold`, and no more than `hangAfterMs`. */
  timeoutMs(threshold: number): number {
    return Math.min(timeoutFor(threshold, this.model()), this.#options.hangAfterMs)
  }

  /**
   * When the silence reaches this level if no beat comes and nothing more than this excuses it: at the latest `hangAfterMs` after the beat,
   * and what we did not run. Undefined before counting began.
   */
  dueAt(level: "suspect" | "convict", { ownMs = 0, queuedMs = 0 }: Allowance = {}): number | undefined {
    if (this.#last === undefined) return undefined
    const timeout = this.timeoutMs(this.#options[level])
    const excused = Math.min(timeout + positive(queuedMs), timeout / (1 - QUEUED_MOST))
    return this.#last + positive(ownMs) + Math.min(excused, this.#options.hangAfterMs)
  }

  /**
   * The verdict on the silence at `at`. It is kept until the next beat, which then says what it cleared; a milder one does not replace it.
   * It asks `dueAt` and not φ, so that a timer armed for that finds what it was armed for, whatever the last digit of φ is.
   */
  judge(at: number, excuse?: Allowance): Level {
    if (at >= (this.dueAt("convict", excuse) ?? Number.POSITIVE_INFINITY)) this.#level = "convict"
    else if (this.#level === "well" && at >= (this.dueAt("suspect", excuse) ?? Number.POSITIVE_INFINITY)) this.#level = "suspect"
    return this.#level
  }
}

/** Neither a negative time nor none at all (NaN): a clock that is asked wrongly must not accuse anybody. */
const positive = (ms: number): number => (ms > 0 ? ms : 0)

const nothing = (): Learned => ({ intervals: emptyStats(), longest: emptyLongest() })
