/** What we want of our detector, and whether it is so. */
import { bestWithin, type Compared, front, WITHIN_MS } from "./compare.ts"
import type { Setting } from "./replay.ts"
import type { Stalled } from "./stalls.ts"

export interface Aim {
  readonly aim: string
  /** Undefined where too few mistakes were made to say. */
  readonly met: boolean | undefined
  readonly found: string
}

/** Above it a plain timeout is as good, and what we want is not ours alone. */
const QUICK_MS = 1300
/** How many times our mistakes theirs should be; of fewer mistakes than this there is no such ratio. */
const RATIO = 10

export function aims(
  settings: ReadonlyArray<Setting>,
  compared: ReadonlyArray<Compared>,
  stalled: ReadonlyArray<Stalled>
): ReadonlyArray<Aim> {
  const group = (name: Setting["group"]) => settings.filter((one) => one.group === name)
  const quick = front(settings).filter(({ detectionMs }) => detectionMs < QUICK_MS)
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
      met: settings.some(({ mistakes }) => mistakes >= RATIO) ? others.length === 0 : undefined,
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
            aim: "nobody is convicted for a stall of our own",
            met: convicted.every((one) => one.convicted === 0),
            found: `${convicted.reduce((sum, one) => sum + one.convicted, 0)} convictions`
          }
        ])
  ]
}

export const nameOf = ({ family, threshold, group }: Setting): string =>
  group === "fixed" ? `fixed ${threshold} ms` : `${family}, ${group === "schedule" ? "" : "φ "}${threshold}`
