/**
 * What properties are tried with. SEED and RUNS choose others; what fails says its seed, and the way to the smallest
 * counterexample.
 */
import * as fc from "fast-check"

/**
 * Any number between two, one as likely as the other, and both ends. fast-check's own `double` draws among the numbers
 * that can be written, of which nearly all are next to nothing: a law of shares and milliseconds would hardly ever see
 * more than 0.
 */
export const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: STEPS }).map((step) => min + (max - min) * (step / STEPS))
const STEPS = 2 ** 30

const seed = process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }

/** Throws where it does not hold. */
export const holdsFor = <A extends [unknown, ...Array<unknown>]>(property: fc.IProperty<A>, runs = 300): void =>
  fc.assert(property, { numRuns: Number(process.env.RUNS ?? runs), ...seed })
