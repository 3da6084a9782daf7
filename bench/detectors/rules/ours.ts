/** Ours: the runtime's own `Detector`, with the child's time stamps. */
import { Detector } from "../../../src/core/detection/Detector.ts"
import { timeoutFor } from "../../../src/core/detection/Phi.ts"
import type { Family } from "../Family.ts"

export const hangAfter = (everyMs: number): number => Math.max(30_000, 10 * everyMs)

const graces = [100, 250, 500]

export const ours: ReadonlyArray<Family> = graces.map((graceMs) => ({
  name: `hybrid, grace ${graceMs}`,
  group: "ours",
  thresholds: [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 24],
  usual: 8,
  make: (everyMs, thresholds) => {
    const hangAfterMs = hangAfter(everyMs)
    const detector = new Detector({ everyMs, model: "hybrid", suspect: 3, convict: 8, graceMs, hangAfterMs })
    return {
      beat: (received, sent) => void detector.beat(received, sent),
      timeouts: (into) => {
        // As in `timeoutMs`, with the model computed once for all thresholds.
        const model = detector.model()
        for (let n = 0; n < thresholds.length; n++) into[n] = Math.min(timeoutFor(thresholds[n]!, model), hangAfterMs)
      }
    }
  }
}))
