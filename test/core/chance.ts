/**
 * Random numbers and runs for properties. SEED and RUNS choose others; a failure prints its seed and the path to the
 * smallest counterexample.
 */
import * as fc from "fast-check"

/**
 * A uniform number between two, both included. fast-check's own `double` draws among all representable numbers, nearly
 * all of which are close to 0, which is useless for shares and milliseconds.
 */
export const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: STEPS }).map((step) => min + (max - min) * (step / STEPS))
const STEPS = 2 ** 30

const seed = process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }

/** Throws if the property does not hold. */
export const holdsFor = <A extends [unknown, ...Array<unknown>]>(property: fc.IProperty<A>, runs = 300): void =>
  fc.assert(property, { numRuns: Number(process.env.RUNS ?? runs), ...seed })
