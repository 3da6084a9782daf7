/**
 * Which leaves the keeper sends the output of: all of them if it is wanted, otherwise only those that are watched by
 * what they print. What it does not send costs us nothing.
 */
import type { Place, Places } from "./Places.ts"

export class WantedOutput {
  private readonly places: Places
  private readonly send: (leaf: number, isWanted: boolean) => void
  private isAllWanted = false

  constructor(places: Places, send: (leaf: number, isWanted: boolean) => void) {
    this.places = places
    this.send = send
  }

  /** Of leaves that have ended the keeper hears at their next start. */
  want(isAllWanted: boolean): void {
    if (this.isAllWanted === isAllWanted) return
    this.isAllWanted = isAllWanted
    for (const { place } of this.places.runs()) this.tell(place)
  }

  /** To be called when it is about to start, and the keeper has its spec; and when it is ready. */
  tell(place: Place): void {
    const isWanted = place.run !== undefined && (this.isAllWanted || place.run.needsOutput)
    if (place.isOutputOn === isWanted) return
    place.isOutputOn = isWanted
    this.send(place.leaf, isWanted)
  }
}
