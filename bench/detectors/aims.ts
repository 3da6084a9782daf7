/** What we aim for with our detector, and whether we reach it. */
import { bestWithin, type Compared, front, WITHIN_MS } from "./compare.ts"
import type { Configuration } from "./replay.ts"
import type { Stalled } from "./stalls.ts"

export interface Aim {
  readonly aim: string
  /** Undefined if there are too few mistakes to say. */
  readonly met: boolean | undefined
  readonly found: string
}

/** For longer detection times a plain timeout is as good, so there the aim would say nothing. */
const QUICK_MS = 1300
/**
 * The others should make this many times as many mistakes as we do. With fewer mistakes than this there is no such
 * ratio.
 */
const RATIO = 10

export function aims(
  configurations: ReadonlyArray<Configuration>,
  compared: ReadonlyArray<Compared>,
  stalled: ReadonlyArray<Stalled>
): ReadonlyArray<Aim> {
  const group = (name: Configuration["group"]) => configurations.filter((one) => one.group === name)
  const quick = front(configurations).filter(({ detectionMs }) => detectionMs < QUICK_MS)
  const others = quick.filter(({ group }) => group !== "ours")
  const within = WITHIN_MS.flatMap((ms) => {
    const [ours, akkas] = [bestWithin(group("ours"), ms), bestWithin(group("Akka"), ms)]
    const isTold = ours !== undefined && akkas !== undefined && akkas.mistakes >= RATIO
    return isTold ? [{ ms, ratio: akkas.mistakes / Math.max(1, ours.mistakes) }] : []
  })
  const usual = compared.filter(({ ours, theirs }) => ours.usual && theirs !== undefined && theirs.mistakes >= RATIO)
  const convicted = stalled.filter(({ suspected, handling }) => suspected !== undefined && handling === "and own lag")
  return [
    {
      aim: `below ${QUICK_MS} ms the front is ours`,
      met: configurations.some(({ mistakes }) => mistakes >= RATIO) ? others.length === 0 : undefined,
      found: `${quick.length - others.length} of ${quick.length}${others.length === 0 ? "" : `; not ${others.map(nameOf).join("; ")}`}`
    },
    {
      aim: `within each detection time the best of Akka's makes ${RATIO} times the mistakes of the best of ours, or more`,
      met: within.length === 0 ? undefined : within.every(({ ratio }) => ratio >= RATIO),
      found: within.map(({ ms, ratio }) => `${ratio.toFixed(1)} (${ms} ms)`).join(", ")
    },
    {
      aim: `the best of Akka's that is as quick as ours at φ 8 makes ${RATIO} times its mistakes, or more`,
      met: usual.length === 0 ? undefined : usual.every(({ ratio }) => ratio! >= RATIO),
      found: usual.map(({ ours, ratio }) => `${ratio!.toFixed(1)} (${ours.family})`).join(", ")
    },
    ...(convicted.length === 0
      ? []
      : [
          {
            aim: "nothing is convicted for a stall of our own",
            met: convicted.every((one) => one.convicted === 0),
            found: `${convicted.reduce((sum, one) => sum + one.convicted, 0)} convictions`
          }
        ])
  ]
}

export const nameOf = ({ family, threshold, group }: Configuration): string =>
  group === "fixed" ? `fixed ${threshold} ms` : `${family}, ${group === "schedule" ? "" : "φ "}${threshold}`
