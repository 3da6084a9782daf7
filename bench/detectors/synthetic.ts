/** Synthetic children: an hour each, a beat every 100 ms or so. The same seed gives the same hour. */
import { draw } from "../../src/sim/world/draw.ts"
import type { Trace } from "./Trace.ts"

const EVERY_MS = 100
const HOUR_MS = 3_600_000
/** The shortest interval between two beats. */
const MIN_INTERVAL_MS = 0.1

/** The random numbers of one child, draw after draw. */
interface Chance {
  readonly uniform: () => number
  readonly normal: () => number
}

/** The next interval of a child that has run for `at` ms. */
type Child = (at: number) => number

const children: ReadonlyArray<{ readonly name: string; readonly child: (chance: Chance) => Child }> = [
  {
    name: "normal",
    child:
      ({ normal }) =>
      () =>
        100 + 5 * normal()
  },
  {
    name: "lognormal",
    child:
      ({ normal }) =>
      () =>
        100 * Math.exp(0.2 * normal() - 0.02)
  },
  // Mean 100, with hardly a variance: the longest interval of an hour is some six seconds.
  {
    name: "Pareto",
    child:
      ({ uniform }) =>
      () =>
        ((100 * 1.2) / 2.2) * (1 - uniform()) ** (-1 / 2.2)
  },
  {
    name: "bimodal",
    child:
      ({ uniform, normal }) =>
      () =>
        (uniform() < 0.05 ? 200 : 100) + 5 * normal()
  },
  { name: "bursty", child: bursty },
  // From 100 to 200 within the hour, calm and restless for five minutes each.
  {
    name: "drift",
    child:
      ({ normal }) =>
      (at) =>
        100 + (100 * at) / HOUR_MS + (Math.floor(at / 300_000) % 2 === 0 ? 5 : 40) * normal()
  },
  { name: "regime", child: regime }
]

/** Pauses with a median of 300 ms, about every 30 s; then the delayed beats come all at once. */
function bursty({ uniform, normal }: Chance): Child {
  let owed = 0
  return () => {
    if (owed >= 1) {
      owed--
      return 0.5
    }
    const usual = 100 + 5 * normal()
    if (uniform() >= 100 / 30_000) return usual
    const pause = 300 * Math.exp(0.6 * normal())
    owed = pause / EVERY_MS
    return usual + pause
  }
}

/** Well for two minutes and under load for one, on average. */
function regime({ uniform, normal }: Chance): Child {
  let loaded = false
  let until = 0
  return (at) => {
    if (at >= until) {
      loaded = until > 0 && !loaded
      until = at - Math.log1p(-uniform()) * (loaded ? 60_000 : 120_000)
    }
    return loaded ? 180 + 30 * normal() : 100 + 5 * normal()
  }
}

function chanceOf(seed: number, name: string): Chance {
  let n = 0
  const uniform = (): number => draw(seed, name, "beat", n++)
  return { uniform, normal: () => Math.sqrt(-2 * Math.log1p(-uniform())) * Math.cos(2 * Math.PI * uniform()) }
}

export const synthetic = (seeds: number): ReadonlyArray<Trace> =>
  Array.from({ length: seeds }, (_, seed) =>
    children.map(({ name, child }) => {
      const next = child(chanceOf(seed, name))
      const sent: Array<number> = [0]
      for (let at = 0; at < HOUR_MS; sent.push(at)) at += Math.max(MIN_INTERVAL_MS, next(at))
      return { name, everyMs: EVERY_MS, seq: sent.map((_, n) => n), sent, received: sent }
    })
  ).flat()
