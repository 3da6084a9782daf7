/** A bug to be planted in a copy of the sources: what it is, where, what becomes what, and which tests notice it. */
export interface Mutant {
  readonly name: string
  /** Its path in `src`. */
  readonly file: string
  /** Stands once in the file. */
  readonly from: string
  readonly to: string
  /** A story that is told differently: how its title begins. */
  readonly story?: string
  /** What does not hold in some random life, in the words of the invariant. */
  readonly properties?: RegExp
  /** OTP's supervisor behaves differently. */
  readonly otp?: true
  /** The law of adaptive backoff or of the start gate that does not hold, by its title. */
  readonly pacing?: RegExp
  /** The law of detection that does not hold, by its title. */
  readonly detection?: RegExp
  /** The law of the watch over a process that does not hold, by its title. */
  readonly watch?: RegExp
  /** The invariant that does not hold in some rehearsal: its name, a colon and its sentence. */
  readonly rehearsals?: RegExp
}
