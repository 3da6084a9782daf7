/** Our paths and the oracle's: ours `/root/a/pool/1`, the oracle's `/a/pool/#3` (the third that was asked for). */

import type { Incarnation } from "../../src/core/Event.ts"
import { idOf, parentOf } from "../../src/core/Path.ts"
import { ROOT } from "./specs.ts"

export const keyOf = ({ path, incarnation }: Incarnation): string => `${path}~${incarnation}`

export class Names {
  /** Instances of pools, in both directions: our path, the oracle's path. */
  private readonly theirInstance = new Map<string, string>()
  private readonly ourInstance = new Map<string, string>()

  /** Our instance is the oracle's `#n`. */
  instance(ours: string, n: number): void {
    const theirs = this.below(this.theirs(parentOf(ours)), `#${n}`)
    this.theirInstance.set(ours, theirs)
    this.ourInstance.set(theirs, ours)
  }

  theirs(ours: string): string {
    if (ours === `/${ROOT}`) return "/"
    return this.theirInstance.get(ours) ?? this.below(this.theirs(parentOf(ours)), idOf(ours))
  }

  ours(theirs: string): string {
    if (theirs === "/") return `/${ROOT}`
    return this.ourInstance.get(theirs) ?? `${this.ours(parentOf(theirs) || "/")}/${idOf(theirs)}`
  }

  /** How the oracle writes one incarnation, which in OTP is a pid. */
  pid = ({ path, incarnation }: Incarnation): string => `${this.theirs(path)}~${incarnation}`

  private readonly below = (path: string, id: string): string => (path === "/" ? `/${id}` : `${path}/${id}`)
}
