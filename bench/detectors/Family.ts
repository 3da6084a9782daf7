/** A detector with one parameter left open: its threshold, its timeout, its margin. */
export interface Family {
  readonly name: string
  /** In the table, a whole group may be read as one. */
  readonly group: "ours" | "Akka" | "Cassandra" | "schedule" | "fixed"
  /** The values to try, in ascending order. */
  readonly thresholds: ReadonlyArray<number>
  /** What its authors recommend, if anything. */
  readonly usual?: number
  readonly make: (everyMs: number, thresholds: ReadonlyArray<number>) => Channel
}

export interface Channel {
  /** Called at least once before `timeouts`. */
  readonly beat: (received: number, sent: number, seq: number) => void
  /** For each threshold, the silence in ms after the last beat at which it would convict. */
  readonly timeouts: (into: Float64Array) => void
}

/** For detectors that learn differently depending on what they suspect: a channel for each threshold. */
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
