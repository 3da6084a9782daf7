/**
 * The heartbeats of one life, and the verdict on its silence.
 *
 * One timer, armed for the moment at which silence would become suspicious if nothing came: a beat does not touch it, and when it rings too
 * early it is armed again. Before anything is judged the loop has turned once, so that what was sent in time has been read; what of the
 * silence was our own fault, or that of a machine without a CPU to spare, is taken off.
 */
import { type Allowance, Detector, type Learned } from "../../core/detection/Detector.ts"
import type { HeartbeatSilence } from "../../core/Event.ts"
import type { Heartbeat } from "../../tree/Probe.ts"
import type { EventLoopLag } from "../EventLoopLag.ts"
import { activityBetween, describeActivity } from "../os/activity.ts"
import type { ProcessSample } from "../os/sample.ts"
import type { Host } from "./Host.ts"

/** How long it has waited for a CPU is read at a beat, but not more often than this; in milliseconds. */
const QUEUE_EVERY_MS = 250
/** What is read within this time had waited for us, in milliseconds. */
const AT_ONCE_MS = 1
/** Of a longer silence we need not know the last digit: JSON has no number for more. */
const MOST_PHI = 1e9
/** Two looks at it are so far apart at least, so that they tell what it does in between: processor time is counted in ticks of 10 ms. */
const LOOKS_APART_MS = 100
/** No look came before. */
const NOTHING: ProcessSample = { _tag: "Unknown", at: 0 }

interface HeartbeatMonitorOptions {
  readonly host: Host
  readonly heartbeat: Heartbeat
  readonly pid: number
  /** See `Spawned`. */
  readonly startTime: number
  readonly lag: Pick<EventLoopLag, "need" | "overlap" | "suspendedSince">
  /** What earlier lives have taught. */
  readonly learned: Learned | undefined
  /** Reads what may have been written and not told yet. */
  readonly drain: () => void
  /** What is wrong with its last beat, where beats are asked for. */
  readonly trouble?: () => string | undefined
  readonly onSuspect: (silence: HeartbeatSilence) => void
  readonly onClear: () => void
  readonly onConvict: (silence: HeartbeatSilence) => void
}

export class HeartbeatMonitor {
  private readonly options: HeartbeatMonitorOptions
  private readonly detector: Detector
  private readonly unneed: () => void
  /** Since then silence counts. */
  private since: number
  /** Until its first beat it has all the time that it may take to start. */
  private hasBeaten = false
  private level: "well" | "suspect" | "convict" = "well"
  /** Its channel is closed, so that nothing can come. */
  private isLost = false
  /** When it became suspect; what it has done since then is the evidence. */
  private seen: ProcessSample | undefined = undefined
  private queue: { readonly at: number; readonly ms: number | undefined }
  private armedFor = 0
  private cancel = (): void => {}
  private stopped = false

  constructor(options: HeartbeatMonitorOptions) {
    const { host, heartbeat, lag, learned } = options
    const { every: everyMs, model, suspect, convict, grace: graceMs, hangAfter: hangAfterMs } = heartbeat
    this.options = options
    this.detector = new Detector({ everyMs, model, suspect, convict, graceMs, hangAfterMs }, learned)
    this.unneed = lag.need()
    this.since = host.now()
    this.queue = this.readQueue()
    this.detector.reset(this.since)
    this.arm()
  }

  get learned(): Learned {
    return this.detector.learned
  }

  beat(receivedAt: number, sentAt: number | undefined): void {
    if (this.stopped) return
    // Of beats that were read at once, and do not say when they were sent, nobody knows how far they were apart.
    if (sentAt === undefined && receivedAt - this.since < AT_ONCE_MS && this.hasBeaten) return
    const ownMs = this.options.lag.overlap(this.since, receivedAt)
    const before = this.detector.beat(receivedAt, sentAt, ownMs)
    const isFirst = !this.hasBeaten
    this.hasBeaten = true
    this.since = receivedAt
    if (receivedAt - this.queue.at >= QUEUE_EVERY_MS) this.queue = this.readQueue()
    this.seen = undefined
    const was = this.level
    this.level = "well"
    if (was !== "well" || before !== "well") this.options.onClear()
    if (was !== "well" || isFirst) this.arm()
  }

  /** Nothing will come any more on its channel. */
  lost(): void {
    this.isLost = true
  }

  stop(): void {
    this.stopped = true
    this.cancel()
    this.unneed()
  }

  // ---------------------------------------------------------------- the timer

  private arm(excuse?: Allowance): void {
    if (this.stopped || this.level === "convict") return
    const { host } = this.options
    this.armedFor = this.due(excuse)
    this.cancel()
    this.cancel = host.after(this.armedFor - host.now(), () => this.ring())
  }

  /** When its silence is to be judged next. What excuses it can only put that off. */
  private due(excuse?: Allowance): number {
    const due = this.detector.dueAt(this.level === "well" ? "suspect" : "convict", excuse) ?? this.since + this.options.heartbeat.hangAfter
    return Math.max(due, this.earliest(excuse), (this.seen?.at ?? 0) + LOOKS_APART_MS)
  }

  /** Timers come before what is to be read. If this one is late, others are: what they do comes first, and then we read once more. */
  private ring(): void {
    const { host, heartbeat } = this.options
    const now = host.now()
    // A beat came since it was armed, as most often: nothing need be read.
    if (now < this.due()) return this.arm()
    const isLate = now - this.armedFor > Math.max(10, heartbeat.every / 2)
    this.cancel = host.turned(isLate ? () => this.read() : () => this.judge())
  }

  private read(): void {
    const { host } = this.options
    this.cancel = host.after(0, () => {
      this.cancel = host.turned(() => this.judge())
    })
  }

  private judge(): void {
    const { host, lag, drain, onSuspect, onConvict } = this.options
    drain()
    if (this.stopped) return
    const now = host.now()
    if (lag.suspendedSince(this.since)) return this.wakeUp(now)
    const excuse = this.excuse(now)
    const level = now < this.earliest(excuse) ? "well" : this.detector.judge(now, excuse)
    if (level !== "well" && this.level === "well") {
      this.level = "suspect"
      this.seen = this.look()
      onSuspect(this.silence(now, excuse, NOTHING))
    } else if (level === "convict") {
      this.level = "convict"
      return onConvict(this.silence(now, excuse, this.seen ?? NOTHING))
    }
    this.arm(excuse)
  }

  /** The machine has slept: what was due meanwhile was not to be expected, and what comes now may take as long as a start. */
  private wakeUp(now: number): void {
    const was = this.level
    this.since = now
    this.hasBeaten = false
    this.seen = undefined
    this.level = "well"
    this.detector.reset(now)
    this.arm()
    if (was !== "well") this.options.onClear()
  }

  /** Before then nothing is held against it: only the time that it has for its first beat counts until that has come. */
  private earliest(excuse?: Allowance): number {
    return this.hasBeaten ? 0 : this.since + this.options.heartbeat.startupGrace + (excuse?.ownMs ?? 0)
  }

  // ---------------------------------------------------------------- evidence

  private excuse(now: number): Allowance {
    const queued = this.readQueue().ms
    const { ms } = this.queue
    return {
      ownMs: this.options.lag.overlap(this.since, now),
      queuedMs: queued === undefined || ms === undefined ? 0 : Math.max(0, queued - ms)
    }
  }

  private silence(now: number, excuse: Allowance, before: ProcessSample): HeartbeatSilence {
    const trouble = this.options.trouble?.()
    const remarks = [this.isLost ? "its channel is closed" : "", trouble === undefined ? "" : `its last check: ${trouble}`]
    return {
      phi: Math.min(MOST_PHI, this.detector.phi(now, excuse)),
      silenceMs: Math.round(now - this.since),
      everyMs: this.options.heartbeat.every,
      evidence: [this.evidence(before), ...remarks].filter((remark) => remark !== "").join("; ")
    }
  }

  /** One look says only what is beyond doubt: that it is stopped, for one. */
  private evidence(before: ProcessSample): string {
    const now = this.look()
    return activityBetween(before, now) === "unknown" ? "" : `it ${describeActivity(before, now)}`
  }

  private look(): ProcessSample {
    return this.options.host.sample(this.options.pid, this.options.startTime)
  }

  private readQueue(): HeartbeatMonitor["queue"] {
    const { host, pid } = this.options
    return { at: host.now(), ms: host.queuedMs(pid) }
  }
}
