/**
 * What heartbeats and checks make of the processes of an invented world. Nobody beats there, and nobody is asked: when silence is noticed follows
 * from the spec, and from how long after its last beat, and before the next check, the process fell silent.
 */
import { SD_LEAST, SD_LEAST_MS } from "../../core/detection/Detector.ts"
import { type PhiModel, phi, timeoutFor } from "../../core/detection/Phi.ts"
import type { Event, Incarnation } from "../../core/Event.ts"
import { nameOf } from "../../core/Exit.ts"
import type { Heartbeat, Probe } from "../../tree/Probe.ts"
import type { Worker } from "../../tree/Spec.ts"
import { draw } from "./draw.ts"

/** Something that the core will hear, so long after the silence began, if that lasts. */
interface Noticed {
  readonly afterMs: number
  readonly event: Event
}

export class DetectionModel {
  private readonly seed: number
  /** The longest silence that each path has come back from. */
  private readonly longest = new Map<string, number>()

  constructor(seed: number) {
    this.seed = seed
  }

  /** What is noticed of a process that is ready, and gives no sign of life from now on. `n`: the how manieth silence of this life. */
  notices(life: Incarnation, worker: Worker, n: number): ReadonlyArray<Noticed> {
    const { path, incarnation } = life
    const share = (purpose: string): number => draw(this.seed, path, purpose, incarnation * 1024 + n)
    const noticed = worker.health.flatMap((probe, place) => byCheck(life, probe, nameOf(worker.health, place), share(`asked ${place}`)))
    // The kernel goes on taking connections for it.
    if (worker.heartbeat === undefined || worker.heartbeat.from.type === "tcp") return noticed
    return [...noticed, ...this.byHeart(life, worker.heartbeat, share("beaten"))]
  }

  /** It has been silent for so long, and goes on. From this the detector learns. */
  resumes({ path, incarnation }: Incarnation, { heartbeat }: Worker, n: number, silentMs: number): void {
    if (heartbeat === undefined) return
    const interval = silentMs + draw(this.seed, path, "beaten", incarnation * 1024 + n) * heartbeat.every
    this.longest.set(path, Math.max(this.longest.get(path) ?? 0, Math.min(interval, heartbeat.hangAfter)))
  }

  private byHeart(life: Incarnation, heartbeat: Heartbeat, sinceBeat: number): ReadonlyArray<Noticed> {
    const model = modelOf(heartbeat, this.longest.get(life.path) ?? 0)
    const at = (threshold: number): number => Math.ceil(Math.min(timeoutFor(threshold, model), heartbeat.hangAfter))
    const noticed = (threshold: number, eventOf: (silence: { phi: number; silenceMs: number; evidence: string }) => Event): Noticed => {
      const silenceMs = at(threshold)
      const afterMs = Math.max(0, silenceMs - Math.floor(sinceBeat * heartbeat.every))
      return { afterMs, event: eventOf({ phi: phi(silenceMs, model), silenceMs, evidence: "" }) }
    }
    const everyMs = heartbeat.every
    return [
      noticed(heartbeat.suspect, (silence) => ({ _tag: "Suspected", ...lifeOf(life), silence: { ...silence, everyMs } })),
      noticed(heartbeat.convict, (silence) => ({ _tag: "Convicted", ...lifeOf(life), exit: { _tag: "Hung", ...silence } }))
    ]
  }
}

const lifeOf = ({ path, incarnation }: Incarnation): Incarnation => ({ path, incarnation })

/** As the detector would have it after many beats that came when they should. */
function modelOf({ every, model: kind, grace }: Heartbeat, longest: number): PhiModel {
  const sd = Math.max(every * SD_LEAST, SD_LEAST_MS)
  if (kind === "exponential") return { kind, mean: every }
  return kind === "normal" ? { kind, mean: every, sd } : { kind, mean: every, sd, excess: Math.max(grace, longest - every) }
}

/** A process that hangs still takes connections: the kernel does it. What is not asked for an answer does not notice. */
function byCheck(life: Incarnation, probe: Probe, which: ReturnType<typeof nameOf>, share: number): ReadonlyArray<Noticed> {
  const silence = noticedAfter(probe)
  if (silence === undefined) return []
  const { interval, failureThreshold: failures, onFailure } = probe
  const afterMs = Math.ceil(silence + share * interval + (failures - 1) * interval)
  const because = "does not answer"
  if (onFailure === "report") return [{ afterMs, event: { _tag: "Health", ...lifeOf(life), healthy: false, because } }]
  return [{ afterMs, event: { _tag: "Convicted", ...lifeOf(life), exit: { _tag: "Unhealthy", ...which, failures, because } } }]
}

/** From the silence on, or from the check, until that check has failed. */
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
