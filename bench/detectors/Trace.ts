/** The beats of one child as a supervisor received them. All times in ms of one monotonic clock. */
export interface Trace {
  readonly name: string
  /** The interval that the child promises. */
  readonly everyMs: number
  /** Numbered by the child; a missing number is a lost beat. */
  readonly seq: ReadonlyArray<number>
  readonly sent: ReadonlyArray<number>
  readonly received: ReadonlyArray<number>
}

/** A time in which the supervisor itself did not run. */
export interface Stall {
  readonly from: number
  readonly to: number
}

export const hoursOf = ({ received }: Trace): number => (received.at(-1)! - received[0]!) / 3_600_000
