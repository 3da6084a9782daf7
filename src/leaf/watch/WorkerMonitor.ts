/**
 * Looks after one life of a worker, from its spawn to its end: asks whether it is ready, then whether it is well, and hears its heart.
 *
 * Kubernetes' words for the three: the probe of `ready` is the start-up probe, and nothing else is asked before it has succeeded; a probe of
 * `health` that restarts is a liveness probe, and one that reports a readiness probe.
 */

import { resolve } from "node:path"
import type { Learned } from "../../core/detection/Detector.ts"
import type { ConvictionExit, HeartbeatSilence } from "../../core/Event.ts"
import { nameOf } from "../../core/Exit.ts"
import { sayCheck } from "../../core/Sentence.ts"
import type { Check, Heartbeat, Probe, ReadyProbe } from "../../tree/Probe.ts"
import type { Worker } from "../../tree/Spec.ts"
import type { EventLoopLag } from "../EventLoopLag.ts"
import { HeartbeatFile } from "../HeartbeatFile.ts"
import type { ProbeTarget } from "../probe/ProbeTarget.ts"
import { HeartbeatMonitor } from "./HeartbeatMonitor.ts"
import { type Host, localHost } from "./Host.ts"
import { OutputMatcher } from "./OutputMatcher.ts"
import { Prober } from "./Prober.ts"
import { ThresholdCounter } from "./ThresholdCounter.ts"

/** What comes of looking. None of these may throw. */
export interface Findings {
  readonly ready: () => void
  /** What a check says that only reports; why it is not well, also while it is not ready yet. */
  readonly health: (healthy: boolean, because: string) => void
  readonly suspected: (silence: HeartbeatSilence) => void
  readonly cleared: () => void
  readonly convicted: (verdict: ConvictionExit) => void
}

interface WatchOptions {
  readonly worker: Worker
  readonly target: Omit<ProbeTarget, "lastMatch">
  readonly lag: EventLoopLag
  /** What the hearts of earlier lives have taught. */
  readonly learned: Learned | undefined
  readonly findings: Findings
  /** For tests. */
  readonly host?: Host | undefined
}

/** Of a failure that came while we ourselves did not run for so much of the time, we may be the cause. */
const OURS = 0.25

export class WorkerMonitor {
  private readonly options: WatchOptions
  private readonly host: Host
  private readonly target: ProbeTarget
  /** What it says, as far as anybody asks. */
  private readonly matches: OutputMatcher
  private readonly closers: Array<() => void> = []
  private readonly unneed: () => void
  /** What those that only report have found, by the place of the probe. */
  private readonly ailments = new Map<number, string>()
  private heart: HeartbeatMonitor | undefined = undefined
  private isUp = false
  /** When it last beat before it was ready. */
  private beatenAt = Number.NEGATIVE_INFINITY
  /** Its channel of heartbeats is closed. */
  private isLost = false

  constructor(options: WatchOptions) {
    const { worker, target, lag, host = localHost } = options
    this.options = options
    this.host = host
    this.matches = new OutputMatcher(worker, host.now)
    this.target = { ...target, lastMatch: (pattern) => this.matches.ageOf(pattern) }
    this.unneed = lag.need()
    if ("interval" in worker.ready) this.untilReady(worker.ready)
  }

  /** Is there anything to look at in such a worker? */
  static concerns({ ready, health, heartbeat }: Worker): boolean {
    return "interval" in ready || health.length > 0 || heartbeat !== undefined
  }

  /** Undefined where it has no heart. */
  get learned(): Learned | undefined {
    return this.heart?.learned
  }

  /** It is ready: from now on it must be well. */
  up(): void {
    if (this.isUp) return
    this.isUp = true
    this.close()
    const { health, heartbeat } = this.options.worker
    for (const [place, probe] of health.entries()) this.ask(probe, place)
    if (heartbeat !== undefined) this.listen(heartbeat)
  }

  line(text: string): void {
    if (this.matches.add(text)) this.beat(this.host.now(), undefined)
  }

  beat(receivedAt: number, sentAt: number | undefined): void {
    if (this.heart !== undefined) return this.heart.beat(receivedAt, sentAt)
    // Whoever beats when it is ready may be heard before we know that it is.
    this.beatenAt = receivedAt
  }

  lost(): void {
    this.isLost = true
    this.heart?.lost()
  }

  stop(): void {
    this.close()
    this.unneed()
  }

  private close(): void {
    for (const close of this.closers.splice(0)) close()
  }

  // ---------------------------------------------------------------- checks

  private untilReady(probe: ReadyProbe): void {
    // Until it is ready it fails as often as it likes: there is a start timeout for that. Once is enough to say why.
    const tally = new ThresholdCounter({ successThreshold: probe.successThreshold, failureThreshold: 1 })
    const { findings } = this.options
    this.again(probe, probe, (verdict) => {
      const change = tally.add(verdict, false)
      if (verdict !== undefined) findings.health(false, verdict)
      if (change === "well") findings.ready()
    })
  }

  private ask(probe: Probe, place: number): void {
    const tally = new ThresholdCounter(probe)
    const which = nameOf(this.options.worker.health, place)
    this.again(probe, probe, (verdict, begunAt, answeredAt) => {
      const ours = this.options.lag.overlap(begunAt, answeredAt) > OURS * probe.timeout
      const change = tally.add(verdict, ours)
      if (change === undefined) return
      if (change === "unwell" && probe.onFailure === "restart") {
        this.options.findings.convicted({ _tag: "Unhealthy", ...which, failures: tally.failures, because: verdict ?? "" })
      } else if (probe.onFailure === "report")
        this.report(place, change === "unwell" ? `its ${sayCheck(which)} check failed: ${verdict}` : undefined)
    })
  }

  /** Of several ailments the first one is told. */
  private report(place: number, ailment: string | undefined): void {
    if (ailment === undefined) this.ailments.delete(place)
    else this.ailments.set(place, ailment)
    const [because = ""] = this.ailments.values()
    this.options.findings.health(this.ailments.size === 0, because)
  }

  private again(
    check: Check,
    times: { interval: number; initialDelay: number },
    onAnswer: ConstructorParameters<typeof Prober>[0]["onAnswer"]
  ): void {
    const { interval, initialDelay } = times
    const { host, target } = this
    const prober = new Prober({ host, ask: host.checker(check), target, interval, initialDelay, onAnswer })
    this.closers.push(() => prober.stop())
  }

  // ---------------------------------------------------------------- heart

  private listen(heartbeat: Heartbeat): void {
    const { findings, lag, learned } = this.options
    const { pid, startTime, cwd } = this.target
    const { from, every } = heartbeat
    let drain = (): void => {}
    /** What its last check said, if that was no beat. */
    let trouble: string | undefined
    const convict = (silence: HeartbeatSilence): void => {
      const { phi, silenceMs, evidence } = silence
      findings.convicted({ _tag: "Hung", phi, silenceMs, evidence })
    }
    const options = { host: this.host, heartbeat, pid, startTime, lag, learned, drain: () => drain(), trouble: () => trouble }
    const heart = new HeartbeatMonitor({ ...options, onSuspect: findings.suspected, onClear: findings.cleared, onConvict: convict })
    this.heart = heart
    if (this.host.now() - this.beatenAt <= every) heart.beat(this.host.now(), undefined)
    if (this.isLost) heart.lost()
    this.closers.push(() => heart.stop())
    if (from.type === "fd" || from.type === "line") return
    if (from.type === "file") {
      const onBeat = (receivedAt: number): void => heart.beat(receivedAt, undefined)
      const file = new HeartbeatFile({ path: resolve(cwd, from.path), every, pid, onBeat })
      drain = () => file.look()
      this.closers.push(() => file.close())
      return
    }
    this.again(from, { interval: every, initialDelay: 0 }, (verdict, _, answeredAt) => {
      trouble = verdict
      if (verdict === undefined) heart.beat(answeredAt, undefined)
    })
  }
}
