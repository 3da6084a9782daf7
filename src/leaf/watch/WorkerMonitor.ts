/**
 * Monitors one incarnation of a worker, from its spawn to its end: whether it is ready, then whether it is well, and
 * its heartbeats.
 *
 * In Kubernetes' words: the probe of `ready` is the start-up probe, and nothing else is checked before it has
 * succeeded; a probe of `health` that restarts is a liveness probe, and one that reports is a readiness probe.
 */
import { resolve } from "node:path"
import type { Learned } from "../../core/detection/Detector.ts"
import type { ConvictionExit, HeartbeatSilence } from "../../core/Event.ts"
import { nameOf } from "../../core/Exit.ts"
import { sayCheck } from "../../core/Sentence.ts"
import type { Check, Heartbeat, Probe, ReadyProbe } from "../../tree/Probe.ts"
import type { Ready, Worker } from "../../tree/Spec.ts"
import type { EventLoopLag } from "../EventLoopLag.ts"
import { HeartbeatFile } from "../HeartbeatFile.ts"
import { quoted } from "../probe/ProbeResult.ts"
import type { ProbeTarget } from "../probe/ProbeTarget.ts"
import type { LeafEvent, SpawnCommand } from "../Spawner.ts"
import { HeartbeatMonitor } from "./HeartbeatMonitor.ts"
import { type Host, localHost } from "./Host.ts"
import { OutputMatcher, patternsOf } from "./OutputMatcher.ts"
import { Prober } from "./Prober.ts"
import { ThresholdCounter } from "./ThresholdCounter.ts"

/** What the monitor finds. None of these may throw. */
export interface Findings {
  readonly ready: () => void
  /** The result of the checks that only report: why it is not well, also while it is not ready yet. */
  readonly health: (healthy: boolean, because: string) => void
  readonly suspected: (silence: HeartbeatSilence) => void
  readonly cleared: () => void
  readonly convicted: (exit: ConvictionExit) => void
}

interface WorkerMonitorOptions {
  readonly worker: Worker
  readonly target: Omit<ProbeTarget, "lastMatch">
  readonly lag: EventLoopLag
  /** What the heartbeats of earlier incarnations have taught. */
  readonly learned: Learned | undefined
  readonly findings: Findings
  /** For tests. */
  readonly host?: Host | undefined
}

type Line = Extract<LeafEvent, { readonly _tag: "Line" }>

/** Does it say itself that it is ready? */
const reportsReady = ({ type }: Ready): boolean => type === "line" || type === "fd" || type === "notify"

/** Of a worker that is not ready in time, so many of its last lines are quoted. */
const LINES_QUOTED = 3
/** If we did not run for this share of a check's timeout, its failure may be our fault. */
const OUR_FAULT = 0.25

export class WorkerMonitor {
  private readonly options: WorkerMonitorOptions
  private readonly host: Host
  private readonly target: ProbeTarget
  /** Matches its output against the patterns of its probes and heartbeat. */
  private readonly outputMatcher: OutputMatcher
  private readonly closers: Array<() => void> = []
  private readonly stopMeasuring: () => void
  /** What the checks that only report have found, by the index of the probe. */
  private readonly failing = new Map<number, string>()
  private monitor: HeartbeatMonitor | undefined = undefined
  private isUp = false
  /** In quotes; until it is ready. */
  private readonly lastLines: Array<string> = []
  /** When it last beat before it was ready. */
  private earlyBeatAt = Number.NEGATIVE_INFINITY
  /** Its heartbeat channel is closed. */
  private isChannelClosed = false

  constructor(options: WorkerMonitorOptions) {
    const { worker, target, lag, host = localHost } = options
    this.options = options
    this.host = host
    this.outputMatcher = new OutputMatcher(worker, host.now)
    this.target = { ...target, lastMatch: (pattern) => this.outputMatcher.ageOf(pattern) }
    this.stopMeasuring = lag.measure()
    if ("interval" in worker.ready) this.probeUntilReady(worker.ready)
  }

  /** Does this worker need a monitor? */
  static concerns({ ready, health, heartbeat }: Worker): boolean {
    return reportsReady(ready) || "interval" in ready || health.length > 0 || heartbeat !== undefined
  }

  /** How long its lines of output are needed here. Of a worker that does not become ready the last are quoted. */
  static readsOutput(worker: Worker): SpawnCommand["output"] {
    if (patternsOf(worker).length > 0) return "always"
    return reportsReady(worker.ready) ? "untilReady" : undefined
  }

  /** Undefined if it has no heartbeat. */
  get learned(): Learned | undefined {
    return this.monitor?.learned
  }

  /** It is ready: its health checks and heartbeat begin. */
  up(): void {
    if (this.isUp) return
    this.isUp = true
    this.close()
    const { health, heartbeat } = this.options.worker
    for (const [index, probe] of health.entries()) this.startProbe(probe, index)
    if (heartbeat !== undefined) this.startHeartbeat(heartbeat)
  }

  line({ stream, text, continues }: Pick<Line, "stream" | "text" | "continues">): void {
    if (!this.isUp) this.remember(text)
    if (this.outputMatcher.add(stream, text, continues)) this.beat(this.host.now(), undefined)
  }

  /** Why it is not ready yet, where no check says so. */
  notReady(): string | undefined {
    const { ready } = this.options.worker
    if (this.isUp) return undefined
    const wrote = this.lastLines.length === 0 ? "it has written nothing" : `its last lines: ${this.lastLines.join(", ")}`
    if (ready.type === "line") return `no line of its output has matched /${ready.pattern}/; ${wrote}`
    if (ready.type === "notify") return `it has not sent READY=1; ${wrote}`
    return ready.type === "fd" ? `it has not written to descriptor ${ready.fd}; ${wrote}` : undefined
  }

  private remember(line: string): void {
    if (line.trim() === "") return
    this.lastLines.push(quoted(line))
    if (this.lastLines.length > LINES_QUOTED) this.lastLines.shift()
  }

  beat(receivedAt: number, sentAt: number | undefined): void {
    if (this.monitor !== undefined) return this.monitor.beat(receivedAt, sentAt)
    // It may beat before we know that it is ready.
    this.earlyBeatAt = receivedAt
  }

  lost(): void {
    this.isChannelClosed = true
    this.monitor?.lost()
  }

  stop(): void {
    this.close()
    this.stopMeasuring()
  }

  private close(): void {
    for (const close of this.closers.splice(0)) close()
  }

  // ---------------------------------------------------------------- checks

  private probeUntilReady(probe: ReadyProbe): void {
    // Until it is ready it may fail as often as it likes: there is a start timeout for that. One failure is enough to
    // say why.
    const counter = new ThresholdCounter({ successThreshold: probe.successThreshold, failureThreshold: 1 })
    const { findings } = this.options
    this.repeat(probe, probe, (result) => {
      const change = counter.add(result, false)
      if (result !== undefined) findings.health(false, result)
      if (change === "well") findings.ready()
    })
  }

  private startProbe(probe: Probe, index: number): void {
    const counter = new ThresholdCounter(probe)
    const which = nameOf(this.options.worker.health, index)
    this.repeat(probe, probe, (result, startedAt, endedAt) => {
      const isOurFault = this.options.lag.overlap(startedAt, endedAt) > OUR_FAULT * probe.timeout
      const change = counter.add(result, isOurFault)
      if (change === undefined) return
      if (change === "unwell" && probe.onFailure === "restart") {
        this.options.findings.convicted({ _tag: "Unhealthy", ...which, failures: counter.failures, because: result ?? "" })
      } else if (probe.onFailure === "report")
        this.report(index, change === "unwell" ? `its ${sayCheck(which)} check failed: ${result}` : undefined)
    })
  }

  /** Of several failing checks the first is reported. */
  private report(index: number, failure: string | undefined): void {
    if (failure === undefined) this.failing.delete(index)
    else this.failing.set(index, failure)
    const [because = ""] = this.failing.values()
    this.options.findings.health(this.failing.size === 0, because)
  }

  private repeat(
    check: Check,
    times: { interval: number; initialDelay: number },
    onResult: ConstructorParameters<typeof Prober>[0]["onResult"]
  ): void {
    const { interval, initialDelay } = times
    const { host, target } = this
    const prober = new Prober({ host, runCheck: host.checker(check), target, interval, initialDelay, onResult })
    this.closers.push(() => prober.stop())
  }

  // ---------------------------------------------------------------- heartbeat

  private startHeartbeat(heartbeat: Heartbeat): void {
    const { findings, lag, learned } = this.options
    const { pid, startTime, cwd } = this.target
    const { from, every } = heartbeat
    let drain = (): void => {}
    /** What its last check said, if it failed. */
    let lastFailure: string | undefined
    const convict = (silence: HeartbeatSilence): void => {
      const { phi, silenceMs, evidence } = silence
      findings.convicted({ _tag: "Hung", phi, silenceMs, evidence })
    }
    const options = { host: this.host, heartbeat, pid, startTime, lag, learned, drain: () => drain(), lastFailure: () => lastFailure }
    const monitor = new HeartbeatMonitor({ ...options, onSuspect: findings.suspected, onClear: findings.cleared, onConvict: convict })
    this.monitor = monitor
    if (this.host.now() - this.earlyBeatAt <= every) monitor.beat(this.host.now(), undefined)
    if (this.isChannelClosed) monitor.lost()
    this.closers.push(() => monitor.stop())
    if (from.type === "fd" || from.type === "notify" || from.type === "line") return
    if (from.type === "file") {
      const onBeat = (receivedAt: number): void => monitor.beat(receivedAt, undefined)
      const file = new HeartbeatFile({ path: resolve(cwd, from.path), every, pid, onBeat })
      drain = () => file.check()
      this.closers.push(() => file.close())
      return
    }
    this.repeat(from, { interval: every, initialDelay: 0 }, (result, _, endedAt) => {
      lastFailure = result
      if (result === undefined) monitor.beat(endedAt, undefined)
    })
  }
}
