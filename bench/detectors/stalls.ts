/**
 * Real traces in which the supervisor itself did not run; its recorded ticks say when. Our detector is used as in the
 * runtime, with one timer, in four steps: with times of receipt only; with the child's time stamps; reading queued
 * beats before it judges; and with its own lag subtracted. The peers are used unchanged, and on a clock that stands
 * still while we do not run, which is the same knowledge.
 */
import { Detector } from "../../src/core/detection/Detector.ts"
import type { Family } from "./Family.ts"
import { replay } from "./replay.ts"
import { hangAfter } from "./rules/ours.ts"
import type { Stall, Trace } from "./Trace.ts"

export interface Stalled {
  readonly trace: string
  readonly detector: string
  readonly handling: string
  readonly detectionMs: number
  /** Only for ours: the peers have one level. */
  readonly suspected?: number
  readonly convicted: number
}

interface Handling {
  readonly name: string
  readonly stamps?: boolean
  readonly drain?: boolean
  readonly own?: boolean
}
const handlings: ReadonlyArray<Handling> = [
  { name: "receipts alone" },
  { name: "and stamps", stamps: true },
  { name: "and reads first", stamps: true, drain: true },
  { name: "and own lag", stamps: true, drain: true, own: true }
]

export const stalledOurs = (trace: Trace, stalls: ReadonlyArray<Stall>, graceMs: number): ReadonlyArray<Stalled> =>
  handlings.map((handling) => supervised(trace, stalls, graceMs, handling))

export const stalledPeer = (trace: Trace, stalls: ReadonlyArray<Stall>, family: Family): ReadonlyArray<Stalled> =>
  [
    ["as it is", trace] as const,
    [
      "clock that stands still",
      { ...trace, received: trace.received.map((at) => at - lagBetween(stalls, trace.received[0]!, at)) }
    ] as const
  ].map(([handling, seen]) => {
    const [outcome] = replay({ ...family, thresholds: [family.usual!] }, seen)
    const { detectionMs, mistakes } = outcome!
    return { trace: trace.name, detector: `${family.name}, φ ${family.usual}`, handling, detectionMs, convicted: mistakes }
  })

function supervised(trace: Trace, stalls: ReadonlyArray<Stall>, graceMs: number, handling: Handling): Stalled {
  const { everyMs, sent, received, name } = trace
  const detector = new Detector({ everyMs, model: "hybrid", suspect: 3, convict: 8, graceMs, hangAfterMs: hangAfter(everyMs) })
  const found = { suspect: 0, convict: 0 }
  let timeouts = 0
  detector.reset(received[0]!)
  for (let n = 0; n + 1 < received.length; n++) {
    const ownMs = handling.own && n > 0 ? lagBetween(stalls, received[n - 1]!, received[n]!) : 0
    detector.beat(received[n]!, handling.stamps ? sent[n]! : undefined, ownMs)
    timeouts += detector.timeoutMs(8)
    for (const level of ["suspect", "convict"] as const) {
      if (isFound(detector, level, received[n]!, { sent: sent[n + 1]!, received: received[n + 1]! }, stalls, handling)) found[level]++
    }
  }
  const detectionMs = timeouts / (received.length - 1)
  return {
    trace: name,
    detector: `hybrid, grace ${graceMs}, φ 8`,
    handling: handling.name,
    detectionMs,
    suspected: found.suspect,
    convicted: found.convict
  }
}

/** Arms the timer and judges when it fires, until it reaches this level or reads the next beat. */
function isFound(
  detector: Detector,
  level: "suspect" | "convict",
  last: number,
  next: { readonly sent: number; readonly received: number },
  stalls: ReadonlyArray<Stall>,
  { drain, own }: Handling
): boolean {
  for (let due = detector.dueAt(level)!; ; ) {
    const stall = stalls.find(({ from, to }) => from < due && due <= to)
    // A timer that is due while we do not run fires when we run again. The trace does not say whether before or after
    // the beats are read (here reading came first), so the worse is assumed.
    const at = stall === undefined ? due : Math.min(stall.to, next.received)
    if (due >= next.received || (drain && stall !== undefined && next.sent <= at)) return false
    const excuse = { ownMs: own ? lagBetween(stalls, last, at) : 0 }
    const found = detector.judge(at, excuse)
    if (found === level || found === "convict") return true
    due = detector.dueAt(level, excuse)!
  }
}

/** For how long we did not run between the two times, in ms. */
const lagBetween = (stalls: ReadonlyArray<Stall>, from: number, to: number): number => {
  let sum = 0
  for (const stall of stalls) sum += Math.max(0, Math.min(to, stall.to) - Math.max(from, stall.from))
  return sum
}
