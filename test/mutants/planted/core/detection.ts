/**
 * Bugs of the detector, which the laws of detection must notice. Only these are asked: a tree does not know of
 * heartbeats.
 */
import type { Mutant } from "../../Mutant.ts"

export const detection: ReadonlyArray<Mutant> = [
  {
    name: "the tail of phi is Akka's approximation",
    file: "core/detection/NormalTail.ts",
    from: "const lnHalfErfc = x",
    to: "if (y > 3) return Math.log1p(Math.exp(y * (1.5976 + 0.070566 * y * y))) / Math.LN10\n  const lnHalfErfc = x",
    detection: /phi of the normal model agrees/
  },
  {
    name: "small phis lose their digits",
    file: "core/detection/NormalTail.ts",
    from: "-Math.log1p(-Math.exp(lnHalfErfc))",
    to: "-Math.log(1 - Math.exp(lnHalfErfc))",
    detection: /phi of the normal model agrees/
  },
  {
    name: "one threshold is cached for all",
    file: "core/detection/NormalTail.ts",
    from: "known.get(tail)",
    to: "known.get(Math.round(tail))",
    detection: /the timeout of the normal model agrees|inverse|do not share/
  },
  {
    name: "the hybrid model takes the larger phi",
    file: "core/detection/Phi.ts",
    from: "Math.min(body, PHI_OF_WORST",
    to: "Math.max(body, PHI_OF_WORST",
    detection: /phi of the hybrid model agrees/
  },
  {
    name: "a silence of NaN is used",
    file: "core/detection/Phi.ts",
    from: "const t = none(elapsed, 0)",
    to: "const t = elapsed",
    detection: /whatever the numbers/
  },
  {
    name: "what was suspected is not learned",
    file: "core/detection/Detector.ts",
    from: "if (this.#beaten) this.#learn",
    to: 'if (this.#beaten && cleared === "well") this.#learn',
    detection: /a child that becomes slower/
  },
  {
    name: "the silence between two incarnations is learned",
    file: "core/detection/Detector.ts",
    from: "    this.#last = at\n    this.#beaten = false",
    to: "    this.#last = at",
    detection: /outlives the incarnation/
  },
  {
    name: "every stamp is believed",
    file: "core/detection/Detector.ts",
    from: "sentAt <= receivedAt && sentAt > (this.#sent ?? this.#last ?? Number.NEGATIVE_INFINITY)",
    to: "!Number.isNaN(sentAt)",
    detection: /stamps free/
  },
  {
    name: "the delayed beats after a pause are learned, too",
    file: "core/detection/Detector.ts",
    from: "if (this.#inBurst && interval < BURST * mean) return",
    to: "",
    detection: /part of the pause/
  },
  {
    name: "the floors are forgotten",
    file: "core/detection/Detector.ts",
    from: "squares / n), everyMs * SD_LEAST, SD_LEAST_MS)",
    to: "squares / n), everyMs * SD_LEAST)",
    detection: /the floors/
  },
  {
    name: "a near miss teaches nothing",
    file: "core/detection/Detector.ts",
    from: "enter(this.learned.longest, Math.min(quiet, this.#options.hangAfterMs), WINDOW_OF_WORST)\n    }",
    to: "}",
    detection: /a near miss/
  },
  {
    name: "a starved child is never convicted",
    file: "core/detection/Detector.ts",
    from: "Math.min(timeout + positive(queuedMs), timeout / (1 - QUEUED_MOST))",
    to: "timeout + positive(queuedMs)",
    detection: /what we did not run/
  },
  {
    name: "hangAfter is forgotten",
    file: "core/detection/Detector.ts",
    from: "return Math.min(timeoutFor(threshold, this.model()), this.#options.hangAfterMs)",
    to: "return timeoutFor(threshold, this.model())",
    detection: /hangAfter|still convict/
  },
  {
    name: "the sums of squares are of the numbers themselves",
    file: "core/detection/RollingStats.ts",
    from: "(value - mean) * (value - towards)",
    to: "value * value - towards * towards - n * (towards * towards - mean * mean)",
    detection: /a spread is never lost|mean and spread/
  },
  {
    name: "the longest interval is never forgotten",
    file: "core/detection/RollingStats.ts",
    from: "longest.ring[longest.next] = 0\n",
    to: "",
    detection: /mean and spread/
  }
]
