/** The paths that a keeper knows by number, and what runs at each. */
import type { Pattern } from "../../tree/pattern.ts"
import type { SpawnCommand } from "../Spawner.ts"
import type { Run } from "./Run.ts"

/** The keeper takes numbers below it. */
const NUMBERS = 131_072
/** For how many paths that have ended the last incarnation is remembered, and by the keeper its spec. */
const REMEMBERED_ENDS = 20_000

export interface Place {
  readonly path: string
  readonly leaf: number
  /** The highest incarnation that was commanded: a repeated command does not start it again. */
  highest: number
  /** How it is run, as the keeper was told; undefined if it was not. */
  told: { readonly command: SpawnCommand; readonly pattern: Pattern | undefined } | undefined
  /** The keeper was told to send its output. */
  isOutputOn: boolean
  /** What runs there, or waits for its start. */
  run: Run | undefined
}

export class Places {
  private readonly byPath = new Map<string, Place>()
  private readonly byLeaf: Array<Place | undefined> = []
  private readonly unused: Array<number> = []
  /** Where nothing runs, the longest ago first. A pool keeps making new paths: beyond the limit these are forgotten. */
  private readonly ended = new Set<Place>()
  private readonly onForgotten: (leaf: number) => void

  constructor(onForgotten: (leaf: number) => void) {
    this.onForgotten = onForgotten
  }

  get(path: string): Place | undefined {
    return this.byPath.get(path)
  }

  ofLeaf(leaf: number): Place | undefined {
    return this.byLeaf[leaf]
  }

  /** Makes it if there is none; undefined if all numbers are taken. */
  at(path: string): Place | undefined {
    const known = this.byPath.get(path)
    if (known !== undefined) return known
    const leaf = this.unused.pop() ?? this.byLeaf.length
    if (leaf >= NUMBERS) return undefined
    const place: Place = { path, leaf, highest: Number.NEGATIVE_INFINITY, told: undefined, isOutputOn: false, run: undefined }
    this.byPath.set(path, place)
    this.byLeaf[leaf] = place
    return place
  }

  begin(place: Place, run: Run): void {
    place.run = run
    this.ended.delete(place)
  }

  end(place: Place): void {
    place.run = undefined
    this.ended.add(place)
    if (this.ended.size <= REMEMBERED_ENDS) return
    for (const oldest of this.ended) return this.forget(oldest)
  }

  /** All runs that have not ended. */
  runs(): ReadonlyArray<{ readonly place: Place; readonly run: Run }> {
    return [...this.byPath.values()].flatMap((place) => (place.run === undefined ? [] : [{ place, run: place.run }]))
  }

  /** A new keeper knows nothing yet. */
  untold(): void {
    for (const place of this.byPath.values()) {
      place.told = undefined
      place.isOutputOn = false
    }
  }

  private forget(place: Place): void {
    this.ended.delete(place)
    this.byPath.delete(place.path)
    this.byLeaf[place.leaf] = undefined
    this.unused.push(place.leaf)
    if (place.told !== undefined) this.onForgotten(place.leaf)
  }
}
