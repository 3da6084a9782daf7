/** The beats of one child, as a supervisor saw them. All times in ms of one monotonic clock. */
export interface Trace {
  readonly name: string
  /** How often the child says it beats. */
  readonly everyMs: number
  /** Numbered by the child; a number that is missing is a beat that was lost. */
  readonly seq: ReadonlyArray<number>
  readonly sent: ReadonlyArray<number>
  readonly received: ReadonlyArray<number>
}

/** When the supervisor itself did not run. */
export interface Stall {
  readonly from: number
  readonly to: number
}

export const hoursOf = ({ received }: Trace): number => (received.at(-1)! - received[0]!) / 3_600_000
