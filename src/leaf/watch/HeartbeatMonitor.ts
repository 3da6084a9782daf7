/**
 * Judges the silence between the heartbeats of one incarnation.
 *
 * One timer is armed for the moment at which silence would become suspicious if nothing came. A beat does not touch it;
 * if it fires too early it is armed again. Before a judgement the event loop turns once, so that what was sent in
 * time has been read. Silence that is our own fault, or that of a machine without a CPU to spare, is not counted.
 */
import { type Allowance, Detector, type Learned } from "../../core/detection/Detector.ts"
import type { HeartbeatSilence } from "../../core/Event.ts"
import type { Heartbeat } from "../../tree/Probe.ts"
import type { EventLoopLag } from "../EventLoopLag.ts"
import { activityBetween, describeActivity } from "../os/activity.ts"
import type { ProcessSample } from "../os/sample.ts"
import type { Host } from "./Host.ts"

/** How often, at most, its wait for a CPU is read at a beat, in milliseconds. */
const CPU_WAIT_EVERY_MS = 250
/**
 * Beats read less than this apart, in milliseconds, were queued while we were blocked; their spacing means nothing.
 */
const AT_ONCE_MS = 1
/** Phi grows without limit, and JSON has no infinity. Beyond this it tells nothing new. */
const MAX_PHI = 1e9
/**
 * The least time between two samples, so that they show what it does in between: CPU time is counted in ticks of 10 ms.
 */
const SAMPLES_APART_MS = 100
/** No sample was taken before. */
const NO_SAMPLE: ProcessSample = { _tag: "Unknown", at: 0 }

interface HeartbeatMonitorOptions {
  readonly host: Host
  readonly heartbeat: Heartbeat
  readonly pid: number
  /** See `Spawned`. */
  readonly startTime: number
  readonly lag: Pick<EventLoopLag, "measure" | "overlap" | "suspendedSince">
  /** What earlier incarnations have taught. */
  readonly learned: Learned | undefined
  /** Reads what may have been written and not reported yet. */
  readonly drain: () => void
  /** Why its last check failed, if its beats are checks. */
  readonly lastFailure?: () => string | undefined
  readonly onSuspect: (silence: HeartbeatSilence) => void
  readonly onClear: () => void
  readonly onConvict: (silence: HeartbeatSilence) => void
}

export class HeartbeatMonitor {
  private readonly options: HeartbeatMonitorOptions
  private readonly detector: Detector
  private readonly stopMeasuring: () => void
  /** The silence began at this time. */
  private since: number
  /** Until its first beat it has all of its startup grace. */
  private hasBeaten = false
  private level: "well" | "suspect" | "convict" = "well"
  /** Its channel is closed, so nothing can come. */
  private isChannelClosed = false
  /** A sample from when it became suspect. What it has done since then is the evidence. */
  private sampleAtSuspicion: ProcessSample | undefined = undefined
  /** How long it had waited for a CPU, at a recent beat. */
  private cpuWait: { readonly at: number; readonly ms: number | undefined }
  private armedFor = 0
  private cancel = (): void => {}
  private stopped = false

  constructor(options: HeartbeatMonitorOptions) {
    const { host, heartbeat, lag, learned } = options
    const { every: everyMs, model, suspect, convict, grace: graceMs, hangAfter: hangAfterMs } = heartbeat
    this.options = options
    this.detector = new Detector({ everyMs, model, suspect, convict, graceMs, hangAfterMs }, learned)
    this.stopMeasuring = lag.measure()
    this.since = host.now()
    this.cpuWait = this.readCpuWait()
    this.detector.reset(this.since)
    this.arm()
  }

  get learned(): Learned {
    return this.detector.learned
  }

  beat(receivedAt: number, sentAt: number | undefined): void {
    if (this.stopped) return
    // Beats that were read together and carry no timestamp: how far apart they were sent is unknown.
    if (sentAt === undefined && receivedAt - this.since < AT_ONCE_MS && this.hasBeaten) return
    const ownMs = this.options.lag.overlap(this.since, receivedAt)
    const before = this.detector.beat(receivedAt, sentAt, ownMs)
    const isFirst = !this.hasBeaten
    this.hasBeaten = true
    this.since = receivedAt
    if (receivedAt - this.cpuWait.at >= CPU_WAIT_EVERY_MS) this.cpuWait = this.readCpuWait()
    this.sampleAtSuspicion = undefined
    const previous = this.level
    this.level = "well"
    if (previous !== "well" || before !== "well") this.options.onClear()
    if (previous !== "well" || isFirst) this.arm()
  }

  /** Its channel was closed: nothing more will come. */
  lost(): void {
    this.isChannelClosed = true
  }

  stop(): void {
    this.stopped = true
    this.cancel()
    this.stopMeasuring()
  }

  // ---------------------------------------------------------------- the timer

  private arm(allowance?: Allowance): void {
    if (this.stopped) return
    const { host } = this.options
    this.armedFor = this.due(allowance)
    this.cancel()
    this.cancel = host.after(this.armedFor - host.now(), () => this.onTimer())
  }

  /** When to judge its silence next. An allowance can only postpone it. */
  private due(allowance?: Allowance): number {
    const due =
      this.detector.dueAt(this.level === "well" ? "suspect" : "convict", allowance) ?? this.since + this.options.heartbeat.hangAfter
    return Math.max(due, this.earliest(allowance), (this.sampleAtSuspicion?.at ?? 0) + SAMPLES_APART_MS)
  }

  /**
   * Timers run before input is read. If this one is late, others are too: they run first, and then we read once more.
   */
  private onTimer(): void {
    const { host, heartbeat } = this.options
    const now = host.now()
    // Usually a beat came since the timer was armed, and nothing need be read.
    if (now < this.due()) return this.arm()
    const isLate = now - this.armedFor > Math.max(10, heartbeat.every / 2)
    this.cancel = host.turned(isLate ? () => this.judgeNextTurn() : () => this.judge())
  }

  private judgeNextTurn(): void {
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
    if (lag.suspendedSince(this.since)) return this.afterSleep(now)
    const allowance = this.allowanceAt(now)
    const level = now < this.earliest(allowance) ? "well" : this.detector.judge(now, allowance)
    if (level !== "well" && this.level === "well") {
      this.level = "suspect"
      this.sampleAtSuspicion = this.sample()
      onSuspect(this.silence(now, allowance, NO_SAMPLE))
    } else if (level === "convict") {
      this.level = "convict"
      return onConvict(this.silence(now, allowance, this.sampleAtSuspicion ?? NO_SAMPLE))
    }
    this.arm(allowance)
  }

  /**
   * The machine has slept: what was due meanwhile could not come, and what comes now may take as long as after a
   * start.
   */
  private afterSleep(now: number): void {
    const previous = this.level
    this.since = now
    this.hasBeaten = false
    this.sampleAtSuspicion = undefined
    this.level = "well"
    this.detector.reset(now)
    this.arm()
    if (previous !== "well") this.options.onClear()
  }

  /** It is not judged before this time. Until the first beat only the startup grace counts. */
  private earliest(allowance?: Allowance): number {
    return this.hasBeaten ? 0 : this.since + this.options.heartbeat.startupGrace + (allowance?.ownMs ?? 0)
  }

  // ---------------------------------------------------------------- evidence

  private allowanceAt(now: number): Allowance {
    const waitedMs = this.readCpuWait().ms
    const { ms } = this.cpuWait
    return {
      ownMs: this.options.lag.overlap(this.since, now),
      queuedMs: waitedMs === undefined || ms === undefined ? 0 : Math.max(0, waitedMs - ms)
    }
  }

  private silence(now: number, allowance: Allowance, before: ProcessSample): HeartbeatSilence {
    const lastFailure = this.options.lastFailure?.()
    const remarks = [this.isChannelClosed ? "its channel is closed" : "", lastFailure === undefined ? "" : `its last check: ${lastFailure}`]
    return {
      phi: Math.min(MAX_PHI, this.detector.phi(now, allowance)),
      silenceMs: Math.round(now - this.since),
      everyMs: this.options.heartbeat.every,
      evidence: [this.evidence(before), ...remarks].filter((remark) => remark !== "").join("; ")
    }
  }

  /** A single sample shows only what is beyond doubt, such as that it is stopped. */
  private evidence(before: ProcessSample): string {
    const now = this.sample()
    return activityBetween(before, now) === "unknown" ? "" : `it ${describeActivity(before, now)}`
  }

  private sample(): ProcessSample {
    return this.options.host.sample(this.options.pid, this.options.startTime)
  }

  private readCpuWait(): HeartbeatMonitor["cpuWait"] {
    const { host, pid } = this.options
    return { at: host.now(), ms: host.queuedMs(pid) }
  }
}
