/**
 * When heartbeats and checks notice that a simulated process is silent. No beats or checks are simulated: the time
 * follows from the spec, and from how long after the last beat and before the next check the silence began.
 */
import { SD_LEAST, SD_LEAST_MS } from "../../core/detection/Detector.ts"
import { type PhiModel, phi, timeoutFor } from "../../core/detection/Phi.ts"
import type { Event, Incarnation } from "../../core/Event.ts"
import { nameOf } from "../../core/Exit.ts"
import type { Heartbeat, Probe } from "../../tree/Probe.ts"
import type { Worker } from "../../tree/Spec.ts"
import { draw } from "./draw.ts"

/** An event the core receives `afterMs` milliseconds into a silence, if it lasts that long. */
interface Noticed {
  readonly afterMs: number
  readonly event: Event
}

export class DetectionModel {
  private readonly seed: number
  /** The longest silence that each path has recovered from, in milliseconds. */
  private readonly longest = new Map<string, number>()

  constructor(seed: number) {
    this.seed = seed
  }

  /** What is noticed if a ready process falls silent now. `n` counts the silences of this incarnation. */
  notices(of: Incarnation, worker: Worker, n: number): ReadonlyArray<Noticed> {
    const { path, incarnation } = of
    const share = (purpose: string): number => draw(this.seed, path, purpose, incarnation * 1024 + n)
    const noticed = worker.health.flatMap((probe, index) => byCheck(of, probe, nameOf(worker.health, index), share(`asked ${index}`)))
    // The kernel accepts connections even for a process that hangs.
    if (worker.heartbeat === undefined || worker.heartbeat.from.type === "tcp") return noticed
    return [...noticed, ...this.byHeartbeat(of, worker.heartbeat, share("beaten"))]
  }

  /** The process recovers after `silentMs`, and the detector learns from that. */
  resumes({ path, incarnation }: Incarnation, { heartbeat }: Worker, n: number, silentMs: number): void {
    if (heartbeat === undefined) return
    const interval = silentMs + draw(this.seed, path, "beaten", incarnation * 1024 + n) * heartbeat.every
    this.longest.set(path, Math.max(this.longest.get(path) ?? 0, Math.min(interval, heartbeat.hangAfter)))
  }

  private byHeartbeat(of: Incarnation, heartbeat: Heartbeat, sinceBeat: number): ReadonlyArray<Noticed> {
    const model = modelOf(heartbeat, this.longest.get(of.path) ?? 0)
    const at = (threshold: number): number => Math.ceil(Math.min(timeoutFor(threshold, model), heartbeat.hangAfter))
    const noticed = (threshold: number, eventOf: (silence: { phi: number; silenceMs: number; evidence: string }) => Event): Noticed => {
      const silenceMs = at(threshold)
      const afterMs = Math.max(0, silenceMs - Math.floor(sinceBeat * heartbeat.every))
      return { afterMs, event: eventOf({ phi: phi(silenceMs, model), silenceMs, evidence: "" }) }
    }
    const everyMs = heartbeat.every
    return [
      noticed(heartbeat.suspect, (silence) => ({ _tag: "Suspected", ...incarnationOf(of), silence: { ...silence, everyMs } })),
      noticed(heartbeat.convict, (silence) => ({ _tag: "Convicted", ...incarnationOf(of), exit: { _tag: "Hung", ...silence } }))
    ]
  }
}

const incarnationOf = ({ path, incarnation }: Incarnation): Incarnation => ({ path, incarnation })

/** The model that the detector would have learned from many beats on time. */
function modelOf({ every, model: kind, grace }: Heartbeat, longest: number): PhiModel {
  const sd = Math.max(every * SD_LEAST, SD_LEAST_MS)
  if (kind === "exponential") return { kind, mean: every }
  return kind === "normal" ? { kind, mean: every, sd } : { kind, mean: every, sd, excess: Math.max(grace, longest - every) }
}

/** The kernel accepts connections even for a process that hangs, so a check that expects no answer does not notice. */
function byCheck(of: Incarnation, probe: Probe, which: ReturnType<typeof nameOf>, share: number): ReadonlyArray<Noticed> {
  const silence = noticedAfter(probe)
  if (silence === undefined) return []
  const { interval, failureThreshold: failures, onFailure } = probe
  const afterMs = Math.ceil(silence + share * interval + (failures - 1) * interval)
  const because = "does not answer"
  if (onFailure === "report") return [{ afterMs, event: { _tag: "Health", ...incarnationOf(of), healthy: false, because } }]
  return [{ afterMs, event: { _tag: "Convicted", ...incarnationOf(of), exit: { _tag: "Unhealthy", ...which, failures, because } } }]
}

/**
 * Milliseconds from the silence, or from the first check in it, until that check has failed. Undefined if it never
 * fails.
 */
function noticedAfter(probe: Probe): number | undefined {
  switch (probe.type) {
    case "http":
    case "exec":
    case "sql":
      return probe.timeout
    case "unix":
      return probe.expect === undefined ? undefined : probe.timeout
    case "file":
    case "log":
      return probe.maxAge
    case "tcp":
    case "process":
      return undefined
  }
}
