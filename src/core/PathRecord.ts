/** What is remembered of a path for as long as the tree lives, whatever comes and goes there. */

/** What outlives a life of a supervisor, for one path: numbers that never go back, and the operator's word. */
export interface PathRecord {
  /** Of the life under way, or of the last one; 0 before the first. */
  incarnation: number
  /** Restarts since it was last up for long enough. */
  attempt: number
  /** Of adaptive backoff. */
  score: number
  /** Those it has caused: counted by its supervisor, and carried out. An operator's, and those it fell into with others, are not among them. */
  restarts: number
  /** Stopped by the operator, and to stay so. */
  hold: boolean
  /** Of a pool: the highest number ever given to an instance. */
  instances: number
  /** No number below is lower: what is evicted from `below` leaves its highest here. */
  floor: number
  readonly below: Map<string, PathRecord>
}

/** So many children that are gone are remembered by their own ledger, for each supervisor; of the older ones only the highest number. */
const FORGOTTEN_MAX = 10_000

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

/** The ledger of one below it; a new one if there is none. */
export function recordOf(above: PathRecord, id: string): PathRecord {
  const known = above.below.get(id)
  if (known !== undefined) return known
  const fresh = newRecord(above.floor)
  above.below.set(id, fresh)
  return fresh
}

/** Numbers never go back, and books never grow without bound. */
export function evict(ledger: PathRecord, children: ReadonlyMap<string, unknown>): void {
  if (ledger.below.size < children.size + FORGOTTEN_MAX) return
  for (const [id, gone] of ledger.below) {
    if (children.has(id)) continue
    ledger.floor = Math.max(ledger.floor, highest(gone))
    ledger.below.delete(id)
  }
}

const highest = (ledger: PathRecord): number => Math.max(ledger.incarnation, ledger.floor, ...[...ledger.below.values()].map(highest))
