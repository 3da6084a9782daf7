/**
 * Learns the intervals between the heartbeats of one child, and judges its silence.
 *
 * All times are ms of one monotonic clock, which the caller reads. The caller reports each beat, sets one timer for
 * `dueAt("suspect")`, then for `dueAt("convict")`, and calls `judge` when it fires, with the part of the silence that
 * was not the child's fault. After a stall of our own the caller first reads the beats that are waiting, then judges.
 *
 * What is learned outlives the incarnation: a child that pauses for two seconds will do so in its next incarnation.
 */
import { type PhiModel, phi, timeoutFor } from "./Phi.ts"
import { addTo, emptyLongest, emptyStats, enter, type Longest, longestOf, type RollingStats, sampleOf } from "./RollingStats.ts"

export interface DetectorOptions {
  /** The interval between beats that the child has promised. */
  readonly everyMs: number
  /** How φ follows from what was learned. "hybrid" suits unknown children; "exponential" is Cassandra's. */
  readonly model: PhiModel["kind"]
  /** From this φ on the child is suspect: reported, not restarted. Default 3. */
  readonly suspect: number
  /**
   * From this φ on it is convicted. Default 8: in the hybrid model, a silence with twice the excess of the longest so
   * far.
   */
  readonly convict: number
  /**
   * The least excess over the mean that is assumed to be normal. A time and not a factor, as pauses are. Default 500
   * ms.
   */
  readonly graceMs: number
  /** A silence that convicts whatever φ is. Longer intervals are learned as if they were this long. */
  readonly hangAfterMs: number
}

/** The part of a silence that was not the child's fault, in ms. */
export interface Allowance {
  /** We did not run. Known exactly, so all of it is subtracted. */
  readonly ownMs?: number
  /**
   * It was ready to run and got no CPU. At most 80 % of the silence is subtracted, so a hang is found on a starved
   * machine, too.
   */
  readonly queuedMs?: number
}

export type Level = "well" | "suspect" | "convict"

/** What a later incarnation inherits, as plain data. */
export interface Learned {
  readonly intervals: RollingStats
  readonly longest: Longest
}

/** Mean and spread come from the last 960 to 1,023 intervals. */
const WINDOW = 1024
/** The longest interval comes from the last 9,376 to 10,000. */
const WINDOW_OF_WORST = 10_000
/** With fewer intervals the mean is what the child has promised. */
const ENOUGH_INTERVALS = 10
/** Until then the spread is a quarter of the mean, as Akka assumes, and the excess three means. */
const SD_AT_FIRST = 1 / 4
const EXCESS_AT_FIRST = 3
/** No sd below a tenth of the period, nor below 2 ms, the grain of timers and schedulers. */
export const SD_LEAST = 0.1
export const SD_LEAST_MS = 2
/**
 * After an interval of more than three means, those of less than a tenth belong to it: beats that were held up by the
 * pause.
 */
const PAUSE = 3
const BURST = 0.1
const QUEUED_MOST = 0.8

export class Detector {
  readonly learned: Learned
  readonly #options: DetectorOptions
  /** When the silence began: the last beat, or the last reset. */
  #last: number | undefined
  /** There was a beat at `#last`, so the next one ends an interval. */
  #beaten = false
  /** When the last beat was sent, by its own stamp, if that is credible. */
  #sent: number | undefined
  #inBurst = false
  /** The worst judgement of this silence. */
  #level: Level = "well"

  constructor(options: DetectorOptions, learned: Learned = nothing()) {
    this.#options = options
    this.learned = learned
  }

  /** Silence counts from here: a new incarnation is ready, or the machine was asleep. This interval is not learned. */
  reset(at: number): void {
    this.#last = at
    this.#beaten = false
    this.#sent = undefined
    this.#inBurst = false
    this.#level = "well"
  }

  /**
   * A beat. `sentAt` is the child's own stamp. It is credible if it is after the previous stamp (or the last receipt)
   * and not after this receipt; then the interval is free of our delays. Otherwise the times of receipt count, less
   * `ownMs`, for which we did not run since the last beat. Answers what the child was until now. Every interval is
   * learned, also after a suspicion: otherwise a child that has become slower would be suspect for ever.
   */
  beat(receivedAt: number, sentAt?: number, ownMs = 0): Level {
    const cleared = this.#level
    const quiet = positive(receivedAt - (this.#last ?? receivedAt))
    const believed = sentAt !== undefined && sentAt <= receivedAt && sentAt > (this.#sent ?? this.#last ?? Number.NEGATIVE_INFINITY)
    if (this.#beaten) this.#learn(believed && this.#sent !== undefined ? sentAt - this.#sent : positive(quiet - positive(ownMs)))
    if (cleared === "convict") {
      // The same silence must not convict it again, whichever clock measured it.
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
      n < ENOUGH_INTERVALS
        ? [everyMs, everyMs * SD_AT_FIRST, Math.max(graceMs, everyMs * EXCESS_AT_FIRST)]
        : [measured, Math.max(Math.sqrt(squares / n), everyMs * SD_LEAST, SD_LEAST_MS), graceMs]
    // Of an exponential distribution the sd is the mean.
    if (kind === "exponential") return { kind, mean: Math.max(mean, everyMs * SD_LEAST, SD_LEAST_MS) }
    return kind === "normal" ? { kind, mean, sd } : { kind, mean, sd, excess: Math.max(least, longestOf(this.learned.longest) - mean) }
  }

  /** The part of the silence at `at` that is the child's fault, in ms; 0 before the first reset or beat. */
  silence(at: number, { ownMs = 0, queuedMs = 0 }: Allowance = {}): number {
    const silence = this.#last === undefined ? 0 : positive(at - this.#last - positive(ownMs))
    return silence - Math.min(positive(queuedMs), silence * QUEUED_MOST)
  }

  /** φ of that silence; 0 before the first reset or beat. */
  phi(at: number, allowance?: Allowance): number {
    return this.#last === undefined ? 0 : phi(this.silence(at, allowance), this.model())
  }

  /** The silence in ms at which φ is `threshold`; at most `hangAfterMs`. */
  timeoutMs(threshold: number): number {
    return Math.min(timeoutFor(threshold, this.model()), this.#options.hangAfterMs)
  }

  /**
   * When the silence reaches this level, if no beat comes and the allowance stays the same: at most `hangAfterMs` after
   * the beat, plus the time for which we did not run. Undefined before the first reset or beat.
   */
  dueAt(level: "suspect" | "convict", { ownMs = 0, queuedMs = 0 }: Allowance = {}): number | undefined {
    if (this.#last === undefined) return undefined
    const timeout = this.timeoutMs(this.#options[level])
    const extended = Math.min(timeout + positive(queuedMs), timeout / (1 - QUEUED_MOST))
    return this.#last + positive(ownMs) + Math.min(extended, this.#options.hangAfterMs)
  }

  /**
   * Judges the silence at `at`. The worst level is kept until the next beat, which answers it. This compares times and
   * not φ, so that a timer set for `dueAt` finds the level it was set for, whatever the last digit of φ.
   */
  judge(at: number, allowance?: Allowance): Level {
    if (at >= (this.dueAt("convict", allowance) ?? Number.POSITIVE_INFINITY)) this.#level = "convict"
    else if (this.#level === "well" && at >= (this.dueAt("suspect", allowance) ?? Number.POSITIVE_INFINITY)) this.#level = "suspect"
    return this.#level
  }
}

/** 0 instead of a negative time or NaN: a wrong clock must not convict a child. */
const positive = (ms: number): number => (ms > 0 ? ms : 0)

const nothing = (): Learned => ({ intervals: emptyStats(), longest: emptyLongest() })
