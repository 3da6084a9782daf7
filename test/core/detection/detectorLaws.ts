/** Laws of a detector: tables for what was chosen, properties for what holds whatever a child does. */
import assert from "node:assert/strict"
import * as fc from "fast-check"
import type { Detector, DetectorOptions, Learned } from "../../../src/core/detection/Detector.ts"
import { between, holdsFor } from "../chance.ts"
import type { Detection, Law } from "./Law.ts"

const options: DetectorOptions = { everyMs: 100, model: "hybrid", suspect: 3, convict: 8, graceMs: 500, hangAfterMs: 30_000 }
type Change = Partial<DetectorOptions>
const fresh = ({ Detector }: Detection, change: Change = {}, learned?: Learned): Detector => {
  const detector = new Detector({ ...options, ...change }, learned)
  detector.reset(0)
  return detector
}

/** Beats at these intervals, received as they were sent, without stamps. Answers the time of the last one. */
function live(detector: Detector, intervals: Iterable<number>, from = 0): number {
  let at = from
  for (const interval of intervals) detector.beat((at += interval))
  return at
}
const steady = (n: number, ms = 100): ReadonlyArray<number> => Array(n).fill(ms)

const near = (found: number, wanted: number, slack = 1e-9): void =>
  assert.ok(Math.abs(found - wanted) <= slack * Math.max(1, Math.abs(wanted)), `found ${found}, expected ${wanted}`)

const interval = fc.oneof(
  { weight: 7, arbitrary: between(0, 400) },
  { weight: 1, arbitrary: between(0, 60_000) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 400, noNaN: true }) }
)
const histories = fc.array(interval, { maxLength: 300, size: "max" })
const kind = fc.constantFrom("hybrid" as const, "normal" as const, "exponential" as const)

export const detectorLaws: ReadonlyArray<Law> = [
  {
    title: "a child is not judged before its first reset or beat; after that, also if it never beats",
    holds: (detection) => {
      const detector = new detection.Detector(options)
      assert.deepEqual(
        [detector.silence(1e9), detector.phi(1e9), detector.dueAt("convict"), detector.judge(1e9)],
        [0, 0, undefined, "well"]
      )
      detector.reset(1000)
      // Nothing learned yet: mean 100, sd 25, excess max(500, 3 × 100).
      assert.deepEqual(detector.model(), { kind: "hybrid", mean: 100, sd: 25, excess: 500 })
      assert.equal(detector.dueAt("convict"), 1000 + 100 + 1000)
      assert.deepEqual([detector.judge(2099), detector.judge(2100)], ["suspect", "convict"])
    }
  },
  {
    title: "before the tenth interval the mean is what the child has promised",
    holds: (detection) => {
      const detector = fresh(detection, { everyMs: 1000 })
      let at = live(detector, [70, ...steady(9, 20)])
      assert.deepEqual(detector.model(), { kind: "hybrid", mean: 1000, sd: 250, excess: 3000 })
      at = live(detector, [20], at)
      assert.deepEqual(detector.model(), { kind: "hybrid", mean: 20, sd: 100, excess: 500 })
    }
  },
  {
    title: "the floors: a tenth of the period, two milliseconds, and the grace",
    holds: (detection) => {
      const model = (change: Change, ms: number) => {
        const detector = fresh(detection, change)
        live(detector, steady(50, ms))
        return detector.model()
      }
      assert.deepEqual(model({}, 100), { kind: "hybrid", mean: 100, sd: 10, excess: 500 })
      assert.deepEqual(model({ everyMs: 10, graceMs: 100 }, 10), { kind: "hybrid", mean: 10, sd: 2, excess: 100 })
      assert.deepEqual(model({ model: "normal" }, 100), { kind: "normal", mean: 100, sd: 10 })
      assert.deepEqual(model({ model: "exponential" }, 90), { kind: "exponential", mean: 90 })
      assert.deepEqual(model({ model: "exponential" }, 0), { kind: "exponential", mean: 10 })
    }
  },
  {
    title: "mean and spread are those of the window, the excess that of ten thousand",
    holds: (detection) => {
      const detector = fresh(detection)
      const early = [2000, ...Array.from({ length: 3000 }, (_, n) => 300 + (n % 7))]
      const late = Array.from({ length: 1030 }, (_, n) => 90 + 20 * (n % 2) + (n % 5))
      live(detector, [100, ...early, ...late])
      const model = detector.model()
      assert.ok(model.kind === "hybrid")
      const { n } = sample(detector)
      assert.ok(n >= 960 && n <= 1024, `${n} in the window`)
      const last = late.slice(-n)
      const mean = last.reduce((sum, x) => sum + x, 0) / n
      near(model.mean, mean)
      near(model.sd, Math.sqrt(last.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n))
      near(model.excess, 2000 - mean)
      live(detector, steady(10_001), 1e7)
      assert.deepEqual(detector.model(), { kind: "hybrid", mean: 100, sd: 10, excess: 500 })
    }
  },
  {
    title: "the longest counts for fifteen sixteenths of ten thousand beats, and no longer than for all of them",
    holds: (detection) => {
      const detector = fresh(detection)
      const last = live(detector, [...steady(625), 2000, ...steady(9_375)])
      assert.equal(longest(detector), 2000)
      live(detector, steady(625), last)
      assert.equal(longest(detector), 100)
    }
  },
  {
    title: "a beat before the first reset counts, with its stamp",
    holds: ({ Detector }) => {
      const detector = new Detector(options)
      detector.beat(100, 90)
      detector.beat(250, 190)
      assert.equal(longest(detector), 100)
      const due = detector.dueAt("convict")
      assert.ok(due !== undefined && due > 250 && due <= 250 + options.hangAfterMs, `due at ${due}`)
    }
  },
  {
    title: "a spread is never lost in large numbers, and never negative",
    holds: (detection) => {
      const detector = fresh(detection, { everyMs: 1e6, hangAfterMs: 1e9 })
      live(
        detector,
        Array.from({ length: 5000 }, (_, n) => 1e8 + (n % 2))
      )
      // Squares of 1e8 in units of 0.01 have no digits left for this; the floor would hide it.
      const { n, squares } = sample(detector)
      near(squares / n, 0.25, 1e-6)
      const still = fresh(detection, { everyMs: 1 })
      live(still, steady(5000, 0.1))
      assert.ok(sample(still).squares >= 0)
    }
  },
  {
    title: "φ 4 is a silence as long as the longest so far, and a suspect that beats is cleared",
    holds: (detection) => {
      const detector = fresh(detection)
      const at = live(detector, [...steady(500), 1100, ...steady(500)])
      const mean = detector.model().mean
      near(detector.phi(at + 1100), 4)
      near(detector.timeoutMs(8), mean + 2 * (1100 - mean))
      assert.equal(detector.judge(at + 100), "well")
      assert.equal(detector.judge(at + 1000), "suspect")
      assert.deepEqual([detector.beat(at + 1001), detector.judge(at + 1002)], ["suspect", "well"])
      assert.equal(detector.beat(at + 1100), "well")
    }
  },
  {
    title: "a convicted child that beats is a near miss, and is not convicted for the same silence again",
    holds: (detection) => {
      const detector = fresh(detection)
      let at = live(detector, steady(500))
      for (let n = 0; n < 2; n++) detector.beat((at += 100), at)
      assert.equal(detector.judge(at + 1200), "convict")
      // By its own stamps nothing was late: the times of receipt decided.
      assert.equal(detector.beat((at += 1500), at - 1400), "convict")
      live(detector, steady(100), at)
      assert.ok(detector.timeoutMs(8) > 2 * 1500 - 200, `${detector.timeoutMs(8)}`)
    }
  },
  {
    title: "stamps free the intervals from our delays, and are believed only between the last one and the receipt",
    holds: (detection) => {
      const stalled = fresh(detection, { everyMs: 10 })
      for (let n = 1; n <= 300; n++) stalled.beat(n < 200 || n > 280 ? 10 * n + 1 : 2801, 10 * n)
      assert.deepEqual([stalled.model().mean, longest(stalled)], [10, 10])
      const liar = fresh(detection)
      for (let n = 1; n <= 300; n++) liar.beat(100 * n, [100 * n + 5, 100 * (300 - n), Number.NaN, -Infinity][n % 4])
      near(liar.model().mean, 100)
      assert.ok(longest(liar) <= 400)
      const broken = fresh(detection)
      for (let n = 1; n <= 300; n++) broken.beat(100 * n, 50)
      near(broken.model().mean, 100)
      const early = fresh(detection)
      early.beat(100)
      early.beat(200, 50)
      early.beat(300, 290)
      assert.equal(longest(early), 100)
      const unstamped = fresh(detection)
      live(unstamped, steady(100))
      unstamped.beat(10_000 + 5000, undefined, 4900)
      assert.equal(longest(unstamped), 100)
    }
  },
  {
    title: "beats that were held up by a pause are part of the pause",
    holds: (detection) => {
      const detector = fresh(detection)
      const paused = [...steady(97), 3000, ...steady(29, 0.5)]
      live(detector, Array(20).fill(paused).flat())
      const { n, mean } = sample(detector)
      assert.ok(mean > 125 && mean < 135, `mean ${mean} of ${n}`)
      const quick = fresh(detection)
      live(quick, [...steady(100), ...steady(200, 5)])
      assert.ok(quick.model().mean < 50, "what is merely quick counts")
    }
  },
  {
    title: "a child that becomes slower is suspected for a while, not for ever",
    holds: (detection) => {
      const detector = fresh(detection)
      let at = live(detector, steady(2000))
      const suspected: Array<number> = []
      for (let n = 0; n < 2000; n++) {
        if (detector.judge(at + 899) !== "well") suspected.push(n)
        assert.notEqual(detector.judge(at + 899), "convict")
        detector.beat((at += 900))
      }
      assert.ok(suspected.length > 0 && suspected.length < 2000 && suspected.at(-1)! < 1999, `${suspected.length}`)
      near(detector.model().mean, 900)
    }
  },
  {
    title: "what was learned outlives the incarnation, also as plain data; the silence between does not count",
    holds: (detection) => {
      const detector = fresh(detection)
      const at = live(detector, [...steady(500), 2000, ...steady(100)])
      const before = detector.model()
      assert.equal(detector.judge(at + 20_000), "convict")
      detector.reset(at + 25_000)
      assert.deepEqual([detector.model(), detector.silence(at + 25_010), detector.judge(at + 25_010)], [before, 10, "well"])
      detector.beat(at + 29_000)
      assert.deepEqual(detector.model(), before, "what passes until the first beat is no interval")
      const heir = fresh(detection, {}, JSON.parse(JSON.stringify(detector.learned)))
      live(detector, steady(300), at + 29_000)
      heir.beat(0)
      live(heir, steady(300))
      assert.deepEqual(heir.model(), detector.model())
    }
  },
  {
    title: "what we did not run is no silence; time without CPU is subtracted up to four fifths",
    holds: (detection) => {
      const detector = fresh(detection)
      const at = live(detector, steady(100))
      assert.equal(detector.silence(at + 5000, { ownMs: 4900 }), 100)
      assert.equal(detector.judge(at + 60_000, { ownMs: 59_900 }), "well")
      near(detector.silence(at + 1000, { queuedMs: 300 }), 700)
      near(detector.silence(at + 1000, { queuedMs: 5000 }), 200)
      assert.equal(detector.judge(at + 1200, { queuedMs: 900 }), "well")
      assert.equal(detector.judge(at + 5500, { queuedMs: 5500 }), "convict")
      const slow = fresh(detection, { hangAfterMs: 2000 })
      assert.equal(slow.judge(2000, { queuedMs: 1999 }), "convict")
    }
  },
  {
    title: "a child that stops is convicted, after hangAfter at the latest",
    holds: (detection) =>
      holdsFor(
        fc.property(
          histories,
          kind,
          fc.integer({ min: 1, max: 5000 }),
          fc.integer({ min: 100, max: 40_000 }),
          (intervals, model, everyMs, hangAfterMs) => {
            const detector = fresh(detection, { everyMs, model, hangAfterMs })
            const last = live(detector, intervals)
            const [suspect, convict] = [detector.dueAt("suspect")!, detector.dueAt("convict")!]
            assert.ok(suspect <= convict && convict <= last + hangAfterMs, `${suspect} ${convict}`)
            assert.ok(detector.timeoutMs(1000) <= hangAfterMs)
            assert.equal(detector.judge(convict), "convict")
            if (convict < last + hangAfterMs) assert.ok(detector.phi(convict) >= 8 * (1 - 1e-9), `${detector.phi(convict)}`)
          }
        )
      )
  },
  {
    title: "a timer for dueAt finds the level it was set for, and one a moment before does not",
    holds: (detection) =>
      holdsFor(
        fc.property(histories, fc.nat(2000), fc.nat(2000), (intervals, ownMs, queuedMs) => {
          const [detector, twin] = [fresh(detection), fresh(detection)]
          live(detector, intervals)
          live(twin, intervals)
          for (const level of ["suspect", "convict"] as const) {
            const due = detector.dueAt(level, { ownMs, queuedMs })!
            assert.equal(
              detector.judge(due, { ownMs, queuedMs }),
              level === "suspect" && due >= detector.dueAt("convict", { ownMs, queuedMs })! ? "convict" : level
            )
            assert.notEqual(twin.judge(due - 0.01, { ownMs, queuedMs }), level)
          }
        })
      )
  },
  {
    title: "whatever the input, the model is finite, and it can still convict",
    holds: (detection) => {
      const strange = fc.oneof(
        fc.double({ min: -1e6, max: 1e6 }),
        fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)
      )
      holdsFor(
        fc.property(
          fc.array(fc.tuple(fc.nat(1e6), fc.option(strange, { nil: undefined }), strange), { maxLength: 100, size: "max" }),
          kind,
          (beats, model) => {
            const detector = fresh(detection, { model })
            for (const [at, sentAt, ownMs] of beats) detector.beat(at, sentAt, ownMs)
            // The mean is 0 if all came at once.
            const { kind: _, mean, ...widths } = detector.model()
            assert.ok(Number.isFinite(mean) && mean >= 0, `mean ${mean}`)
            for (const width of Object.values(widths)) assert.ok(Number.isFinite(width) && width > 0, JSON.stringify(widths))
            assert.equal(detector.judge(1e6 + 30_000), "convict")
            assert.ok(detector.phi(1e6 + 30_000) >= 0)
          }
        )
      )
    }
  },
  {
    title: "the memory of a detector does not grow",
    holds: (detection) => {
      const detector = fresh(detection)
      live(
        detector,
        Array.from({ length: 50_000 }, (_, n) => 100 + Math.sin(n))
      )
      assert.ok(JSON.stringify(detector.learned).length < 2000)
    }
  }
]

/** The open and the closed buckets together, by naive arithmetic. */
function sample(detector: Detector): { readonly n: number; readonly mean: number; readonly squares: number } {
  const { closed, open } = detector.learned.intervals
  const n = closed.n + open.n
  const mean = (closed.n * closed.mean + open.n * open.mean) / n
  return { n, mean, squares: closed.squares + open.squares + closed.n * (closed.mean - mean) ** 2 + open.n * (open.mean - mean) ** 2 }
}
const longest = (detector: Detector): number => Math.max(...detector.learned.longest.ring)
