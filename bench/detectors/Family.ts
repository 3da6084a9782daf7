/** A detector with one number left open: its threshold, its timeout, its margin. */
export interface Family {
  readonly name: string
  /** Who reads the table may take a whole group for one. */
  readonly group: "ours" | "Akka" | "Cassandra" | "schedule" | "fixed"
  /** What it is tried with, in rising order. */
  readonly thresholds: ReadonlyArray<number>
  /** What its authors recommend, if they do. */
  readonly usual?: number
  readonly make: (everyMs: number, thresholds: ReadonlyArray<number>) => Channel
}

export interface Channel {
  /** Before the first question there was a beat. */
  readonly beat: (received: number, sent: number, seq: number) => void
  /** The silence in ms after the last beat from which on it is a mistake, for each threshold. */
  readonly timeouts: (into: Float64Array) => void
}

/** For who learns otherwise when he suspects otherwise: a channel for each threshold. */
export const each =
  (make: (everyMs: number, threshold: number) => Channel): Family["make"] =>
  (everyMs, thresholds) => {
    const channels = thresholds.map((threshold) => make(everyMs, threshold))
    const one = new Float64Array(1)
    return {
      beat: (received, sent, seq) => {
        for (const channel of channels) channel.beat(received, sent, seq)
      },
      timeouts: (into) => {
        for (let n = 0; n < channels.length; n++) {
          channels[n]!.timeouts(one)
          into[n] = one[0]!
        }
      }
    }
  }
