/**
 * Laws of phi. The numbers of `test/data/phi-reference.json` were computed with mpmath at 60 digits and printed to 15,
 * so every row must agree to a relative 1e-12.
 */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import * as fc from "fast-check"
import type { PhiModel } from "../../../src/core/detection/Phi.ts"
import { between, holdsFor } from "../chance.ts"
import type { Law } from "./Law.ts"

interface Row {
  readonly phi: string
  readonly elapsed: number
  readonly mean: number
  readonly sd: number
  readonly excess: number
}
interface Reference {
  readonly cassandra: { readonly rows: ReadonlyArray<{ readonly phi: number; readonly elapsed_over_mean: string }> }
  readonly normal_inverse: ReadonlyArray<{ readonly phi: number; readonly y: string }>
  readonly normal_y: ReadonlyArray<{ readonly y: number; readonly phi: string }>
  readonly normal: ReadonlyArray<Row>
  readonly exponential: ReadonlyArray<Row>
  readonly hybrid: { readonly rows: ReadonlyArray<Row> }
}
const reference: Reference = JSON.parse(readFileSync(new URL("../../data/phi-reference.json", import.meta.url), "utf8"))

const DIGITS = 1e-12
/** `slack`: for an expected value that was itself rounded. */
function near(found: number, wanted: number, what: unknown, slack = 0): void {
  const off = found === wanted ? 0 : Math.abs(found - wanted)
  assert.ok(off <= DIGITS * Math.abs(wanted) + slack, `${JSON.stringify(what)}: found ${found}, expected ${wanted}`)
}

/** Far enough from 0 to be used as it is. */
const standard = (y: number): [number, PhiModel] =>
  y < 0 ? [0, { kind: "normal", mean: -y, sd: 1 }] : [y, { kind: "normal", mean: 0, sd: 1 }]

const ms = fc.oneof(fc.double({ min: 0.001, max: 1e7, noNaN: true }), between(0.001, 10_000))
const model: fc.Arbitrary<PhiModel> = fc.oneof(
  fc.record({ kind: fc.constant("normal" as const), mean: ms, sd: ms }),
  fc.record({ kind: fc.constant("exponential" as const), mean: ms }),
  fc.record({ kind: fc.constant("hybrid" as const), mean: ms, sd: ms, excess: ms })
)
const anything = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, 0, -0, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324))
const anyModel: fc.Arbitrary<PhiModel> = fc.oneof(
  fc.record({ kind: fc.constant("normal" as const), mean: anything, sd: anything }),
  fc.record({ kind: fc.constant("exponential" as const), mean: anything }),
  fc.record({ kind: fc.constant("hybrid" as const), mean: anything, sd: anything, excess: anything })
)
const times = (c: number, model: PhiModel): PhiModel => {
  if (model.kind === "exponential") return { ...model, mean: c * model.mean }
  const scaled = { mean: c * model.mean, sd: c * model.sd }
  return model.kind === "normal" ? { ...model, ...scaled } : { ...model, ...scaled, excess: c * model.excess }
}

export const phiLaws: ReadonlyArray<Law> = [
  {
    title: "phi of the normal model agrees with the reference, from y = −40 to 10,000",
    holds: ({ phi }) => {
      for (const row of reference.normal_y) near(phi(...standard(row.y)), Number(row.phi), row)
      for (const row of reference.normal) near(phi(row.elapsed, { ...row, kind: "normal" }), Number(row.phi), row)
    }
  },
  {
    title: "phi of the exponential model agrees with the reference, and with what Cassandra convicts at",
    holds: ({ phi, timeoutFor }) => {
      for (const row of reference.exponential) near(phi(row.elapsed, { ...row, kind: "exponential" }), Number(row.phi), row)
      for (const row of reference.cassandra.rows)
        near(timeoutFor(row.phi, { kind: "exponential", mean: 1 }), Number(row.elapsed_over_mean), row)
    }
  },
  {
    title: "phi of the hybrid model agrees with the reference, in its body and in its tail",
    holds: ({ phi }) => {
      for (const row of reference.hybrid.rows) near(phi(row.elapsed, { ...row, kind: "hybrid" }), Number(row.phi), row)
    }
  },
  {
    title: "the timeout of the normal model agrees with the reference",
    holds: ({ timeoutFor }) => {
      // 0.30103 is not exactly a double, and y is near 0 there, so it is off by 1e-16.
      const mean = 64
      for (const row of reference.normal_inverse.filter(({ y }) => Number(y) < 1))
        near(timeoutFor(row.phi, { kind: "normal", mean, sd: 1 }), mean + Number(row.y), row)
      for (const row of reference.normal_inverse.filter(({ y }) => Number(y) > 0))
        near(timeoutFor(row.phi, { kind: "normal", mean: 0, sd: 1 }), Number(row.y), row, 3e-16)
      for (const row of reference.normal) near(timeoutFor(Number(row.phi), { ...row, kind: "normal" }), row.elapsed, row)
      for (const row of reference.hybrid.rows) near(timeoutFor(Number(row.phi), { ...row, kind: "hybrid" }), row.elapsed, row)
    }
  },
  {
    title: "a hybrid phi of 4 is a silence as long as the longest, and 8 one with twice its excess",
    holds: ({ phi, timeoutFor }) => {
      const model: PhiModel = { kind: "hybrid", mean: 100, sd: 10, excess: 500 }
      assert.deepEqual([phi(600, model), phi(1100, model)], [4, 8])
      assert.deepEqual([timeoutFor(4, model), timeoutFor(8, model)], [600, 1100])
    }
  },
  {
    title: "phi never decreases as the silence grows",
    holds: ({ phi }) =>
      holdsFor(
        fc.property(model, ms, ms, (model, a, b) => {
          const [less, more] = [phi(Math.min(a, b), model), phi(Math.max(a, b), model)]
          assert.ok(less <= more * (1 + DIGITS), `${less} > ${more}`)
        })
      )
  },
  {
    title: "phi does not jump, neither at the mean nor from body to tail",
    holds: ({ phi, timeoutFor }) =>
      holdsFor(
        fc.property(model, between(0.01, 100), (model, threshold) => {
          for (const at of [model.mean, timeoutFor(threshold, model)]) {
            const [before, after] = [phi(at * (1 - 1e-13), model), phi(at * (1 + 1e-13), model)]
            const width = model.kind === "exponential" ? model.mean : Math.min(model.sd, model.kind === "hybrid" ? model.excess : model.sd)
            const slope = 10 * (1 + Math.abs(at - model.mean) / width)
            assert.ok(Math.abs(after - before) <= (4e-13 * at * slope) / width + 1e-12, `${before} to ${after} at ${at}`)
          }
        })
      )
  },
  {
    title: "phi does not depend on the unit of time",
    holds: ({ phi, timeoutFor }) =>
      holdsFor(
        fc.property(model, ms, fc.integer({ min: -30, max: 30 }), (model, elapsed, power) => {
          // Powers of two need no rounding.
          const c = 2 ** power
          near(phi(c * elapsed, times(c, model)), phi(elapsed, model), { elapsed, model, c })
          near(timeoutFor(8, times(c, model)), c * timeoutFor(8, model), { model, c })
        })
      )
  },
  {
    title: "the timeout is the inverse of phi",
    holds: ({ phi, timeoutFor }) =>
      holdsFor(
        fc.property(model, between(1e-6, 300), (model, threshold) => {
          const timeout = timeoutFor(threshold, model)
          // A timeout is rounded to its last digit, which matters if sd is small compared to the mean.
          const [before, after] = [phi(timeout * (1 - 1e-12), model), phi(timeout * (1 + 1e-12), model)]
          assert.ok(timeout === 0 || before <= threshold * (1 + 1e-11), `before its timeout phi is ${before}, not ${threshold}`)
          assert.ok(after >= threshold * (1 - 1e-11), `after its timeout phi is ${after}, not ${threshold}`)
        })
      )
  },
  {
    title: "thresholds do not share a cached timeout",
    holds: ({ phi, timeoutFor }) => {
      const model: PhiModel = { kind: "normal", mean: 0, sd: 1 }
      for (const threshold of [3, 8]) {
        const other = timeoutFor(threshold, model)
        near(phi(timeoutFor(other, model), model), other, other, 1e-9)
      }
    }
  },
  {
    title: "phi is finite, and still grows for very long silences",
    holds: ({ phi }) => {
      for (const kind of ["normal", "exponential", "hybrid"] as const) {
        const model = { kind, mean: 100, sd: 10, excess: 500 }
        const silences = [1e3, 1e4, 1e5, 1e8, 1e12, 1e100].map((elapsed) => phi(elapsed, model))
        assert.ok(
          silences.every((value, n) => Number.isFinite(value) && value > (silences[n - 1] ?? 0)),
          String(silences)
        )
      }
    }
  },
  {
    title: "whatever the numbers, phi and the timeout are 0 or more, and neither is NaN",
    holds: ({ phi, timeoutFor }) =>
      holdsFor(
        fc.property(anyModel, anything, anything, (model, a, b) => {
          assert.ok(phi(a, model) >= 0, `phi ${phi(a, model)}`)
          assert.ok(timeoutFor(a, model) >= 0, `timeout ${timeoutFor(a, model)}`)
          if (a <= b) {
            assert.ok(phi(a, model) <= phi(b, model) * (1 + DIGITS), "phi decreases")
            assert.ok(timeoutFor(a, model) <= timeoutFor(b, model) * (1 + DIGITS), "the timeout decreases")
          }
        })
      )
  },
  {
    title: "phi is 0 or ∞ for models that know nothing",
    holds: ({ phi, timeoutFor }) => {
      const point: PhiModel = { kind: "normal", mean: 100, sd: 0 }
      assert.deepEqual([phi(99, point), phi(100, point), phi(101, point)], [0, Math.LN2 / Math.LN10, Number.POSITIVE_INFINITY])
      assert.deepEqual(
        [timeoutFor(0, point), timeoutFor(8, point), timeoutFor(Number.POSITIVE_INFINITY, point)],
        [0, 100, Number.POSITIVE_INFINITY]
      )
      assert.equal(timeoutFor(Number.NaN, point), Number.POSITIVE_INFINITY)
      assert.equal(phi(Number.NaN, point), 0)
      assert.equal(phi(-5, { kind: "exponential", mean: 0 }), 0)
      assert.equal(phi(5, { kind: "exponential", mean: 0 }), Number.POSITIVE_INFINITY)
      assert.equal(phi(1e9, { kind: "hybrid", mean: Number.NaN, sd: 1, excess: 1 }), 0)
    }
  }
]
