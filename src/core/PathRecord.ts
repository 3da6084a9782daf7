/** What is remembered of a path for as long as the tree runs: it survives restarts of the supervisor above. */

/** Numbers that never go back, and the operator's hold. */
export interface PathRecord {
  /** The number of the current incarnation, or of the last one; 0 before the first. */
  incarnation: number
  /** Restarts since it was last up for long enough. */
  attempt: number
  /** The score of adaptive backoff. */
  score: number
  /** The counted restarts that it caused; not the operator's, nor those in which it was only affected. */
  restarts: number
  /** The operator keeps it down. */
  hold: boolean
  /** Of a pool: the highest number that an instance ever had. */
  instances: number
  /** New records start from this number: the highest of all that were evicted from `below`. */
  floor: number
  readonly below: Map<string, PathRecord>
}

/** How many removed children keep their record, per supervisor. Of older ones only the highest number is kept. */
const REMOVED_MAX = 10_000

export const newRecord = (floor = 0): PathRecord => ({
  incarnation: floor,
  attempt: 0,
  score: 0,
  restarts: 0,
  hold: false,
  instances: 0,
  floor,
  below: new Map()
})

/** The record of a child; a new one if there is none. */
export function recordOf(above: PathRecord, id: string): PathRecord {
  const known = above.below.get(id)
  if (known !== undefined) return known
  const fresh = newRecord(above.floor)
  above.below.set(id, fresh)
  return fresh
}

/** Bounds the records of removed children. Their numbers still never go back. */
export function evict(record: PathRecord, children: ReadonlyMap<string, unknown>): void {
  if (record.below.size < children.size + REMOVED_MAX) return
  for (const [id, gone] of record.below) {
    if (children.has(id)) continue
    record.floor = Math.max(record.floor, highest(gone))
    record.below.delete(id)
  }
}

const highest = ({ incarnation, floor, below }: PathRecord): number => Math.max(incarnation, floor, ...[...below.values()].map(highest))
