/** A bug to be planted in a copy of the sources: the place, the change, and the tests that notice it. */
export interface Mutant {
  readonly name: string
  /** Its path in `src`. */
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly from: string
  readonly to: string
  /** A story with another outcome: how its title begins. */
  readonly story?: string
  /** The invariant that is violated in some random tree, in its own words. */
  readonly properties?: RegExp
  /** OTP's supervisor behaves differently. */
  readonly otp?: true
  /** The law of adaptive backoff or of the start gate that is broken, by its title. */
  readonly pacing?: RegExp
  /** The law of detection that is broken, by its title. */
  readonly detection?: RegExp
  /** The law of the watch over a process that is broken, by its title. */
  readonly watch?: RegExp
  /** The invariant that is violated in some rehearsal: its name, a colon and its sentence. */
  readonly rehearsals?: RegExp
}
