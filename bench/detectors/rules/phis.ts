/** The φ detectors of others, by their formulas and with their peculiarities. */
import { each, type Family } from "../Family.ts"
import { Ring } from "../Ring.ts"

const WINDOW = 1000

/**
 * Akka and Pekko: y = (t − mean − pause) / sd, e = exp(−y (1.5976 + 0.070566 y²)), φ = −log10(e / (1 + e)), a logistic
 * approximation. The first beat counts as two intervals, Δ ± Δ/4; an interval that was suspected is not learned.
 */
const akka = (pauseMs: number, floor: "100 ms" | "Δ/10"): Family => ({
  name: `Akka, pause ${pauseMs}, sd ≥ ${floor}`,
  group: "Akka",
  thresholds: [0.3, 0.5, 0.8, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 40, 80, 160, 300],
  usual: 8,
  make: each((everyMs, threshold) => {
    const intervals = new Ring(WINDOW)
    intervals.add(everyMs * 0.75)
    intervals.add(everyMs * 1.25)
    const y = akkaDeviation(threshold)
    const least = floor === "100 ms" ? 100 : everyMs / 10
    let last: number | undefined
    const timeout = (): number => intervals.mean + pauseMs + y * Math.max(Math.sqrt(intervals.variance), least)
    return {
      beat: (received) => {
        if (last !== undefined && received - last < timeout()) intervals.add(received - last)
        last = received
      },
      timeouts: (into) => {
        into[0] = Math.max(0, timeout())
      }
    }
  })
})

/** Where exp underflows, Akka's φ is infinite, so no threshold takes longer. */
const AKKA_ENDS_AT = 21.595

/** Solves e / (1 + e) = 10^−φ for y by bisection. */
function akkaDeviation(threshold: number): number {
  const phiAt = (y: number): number => Math.log1p(Math.exp(y * (1.5976 + 0.070566 * y * y))) / Math.LN10
  let [low, high] = [-AKKA_ENDS_AT, AKKA_ENDS_AT]
  while (high - low > 1e-9) {
    const middle = (low + high) / 2
    if (phiAt(middle) < threshold) low = middle
    else high = middle
  }
  return high
}

/** Cassandra: φ = t / mean × log10 e. The first interval is assumed to be 2 Δ, and longer ones are dropped. */
const cassandra = (pauseMs: number): Family => ({
  name: pauseMs === 0 ? "Cassandra" : `Cassandra, pause ${pauseMs}`,
  group: "Cassandra",
  thresholds: [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 23],
  usual: 8,
  make: (everyMs, thresholds) => {
    const intervals = new Ring(WINDOW)
    intervals.add(2 * everyMs)
    let last: number | undefined
    return {
      beat: (received) => {
        if (last !== undefined && received - last <= 2 * everyMs) intervals.add(received - last)
        last = received
      },
      timeouts: (into) => {
        for (let n = 0; n < thresholds.length; n++) into[n] = pauseMs + intervals.mean * thresholds[n]! * Math.LN10
      }
    }
  }
})

export const phis: ReadonlyArray<Family> = [
  ...(["100 ms", "Δ/10"] as const).flatMap((floor) => [300, 500, 1000].map((pause) => akka(pause, floor))),
  cassandra(0),
  cassandra(500)
]
