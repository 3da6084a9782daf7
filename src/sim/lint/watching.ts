/** Heartbeats and checks whose numbers contradict each other. */
import { Detector } from "../../core/detection/Detector.ts"
import { timeoutFor } from "../../core/detection/Phi.ts"
import { sayDuration } from "../../tree/duration.ts"
import type { Heartbeat } from "../../tree/Probe.ts"
import type { Worker } from "../../tree/Spec.ts"
import { type Branch, type Remark, restartable } from "./Finding.ts"

/** After this many beats phi relies on what was measured. */
const LEARNED_BEATS = 50

/** The soonest that any child is convicted: phi after beats as regular as clockwork. Milliseconds. */
function soonestConviction({ every, model, suspect, convict, grace, hangAfter }: Heartbeat): number {
  const detector = new Detector({ everyMs: every, model, suspect, convict, graceMs: grace, hangAfterMs: hangAfter })
  for (let n = 0; n <= LEARNED_BEATS; n++) detector.beat(n * every)
  return timeoutFor(convict, detector.model())
}

/** hangAfter is so short, or convict so high, that learning the beats never matters. */
export function phiNeverDecides({ heartbeat }: Worker): ReadonlyArray<Remark> {
  if (heartbeat === undefined) return []
  const { convict, hangAfter } = heartbeat
  const soonest = soonestConviction(heartbeat)
  if (soonest < hangAfter) return []
  const because =
    `phi never decides: even if its beats come like clockwork, it takes ${sayDuration(soonest)} of silence to be ${convict}, ` +
    `and hangAfter is ${sayDuration(hangAfter)}.`
  return [{ key: "heartbeat.hangAfter", because, advice: `Give hangAfter more than ${sayDuration(soonest)}, or convict at a lower phi.` }]
}

/**
 * A check that gets no answer delays the next one, as two never overlap. For `ready` that is harmless: it only checks
 * as soon as it can.
 */
export function checksTooSlowly({ health, heartbeat }: Worker): ReadonlyArray<Remark> {
  const slow = (key: string, timeout: number, interval: number, name: string): ReadonlyArray<Remark> => {
    if (timeout <= interval) return []
    const because =
      `a check without an answer takes ${sayDuration(timeout)}, its timeout, and its ${name} is ${sayDuration(interval)}: ` +
      "it cannot be made that often."
    return [{ key: `${key}.timeout`, because, advice: `Give it ${sayDuration(interval)} or less, or check less often.` }]
  }
  const from = heartbeat?.from
  return [
    ...health.flatMap(({ timeout, interval }, n) => slow(health.length === 1 ? "health" : `health[${n}]`, timeout, interval, "interval")),
    ...(from !== undefined && "timeout" in from ? slow("heartbeat.from", from.timeout, heartbeat!.every, "heartbeat") : [])
  ]
}

/**
 * A child that is never healthy is restarted forever, because finding that out takes longer than restarts are
 * remembered.
 */
export function unwellForEver(branch: Branch): ReadonlyArray<Remark> {
  const { intensity, period } = branch
  return restartable(branch).flatMap((child) => {
    if (child.type !== "worker") return []
    return child.health.flatMap(({ type, interval, initialDelay, failureThreshold, onFailure }) => {
      const toFail = initialDelay + (failureThreshold - 1) * interval
      if (onFailure === "report" || failureThreshold * interval <= period || Math.floor(period / Math.max(1, toFail)) + 1 > intensity)
        return []
      const because =
        `if its ${type} check never succeeds, ${child.id} is restarted forever and never reported above: ${failureThreshold} failures ` +
        `take ${sayDuration(toFail)}, and restarts are counted over ${sayDuration(period)}.`
      return [{ key: "period", because, advice: "Count over a longer period, check more often, or let fewer failures be enough." }]
    })
  })
}
