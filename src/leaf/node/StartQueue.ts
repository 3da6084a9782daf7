/**
 * The leaves that wait for their start. In a storm of restarts a healthy neighbour must not wait for all others: first
 * come those that have not failed lately, then in each group the supervisors take turns, then the first comes first.
 */
import { parentOf } from "../../core/Path.ts"

/** While others wait, every so many starts one goes to those that fail. */
const SHARE_OF_FAILING = 4

interface Waiting {
  readonly quota: { readonly path: string }
}

export class StartQueue<A extends Waiting> {
  private readonly calm = new Turns<A>()
  private readonly failing = new Turns<A>()
  private taken = 0

  get size(): number {
    return this.calm.size + this.failing.size
  }

  add(leaf: A, isFailing: boolean): void {
    const turns = isFailing ? this.failing : this.calm
    turns.add(leaf)
  }

  next(): A | undefined {
    const isTheirs = ++this.taken % SHARE_OF_FAILING === 0
    const [first, second] = isTheirs ? [this.failing, this.calm] : [this.calm, this.failing]
    return first.next() ?? second.next()
  }
}

/** The children of each supervisor, in the order in which they came; the supervisors take turns. */
class Turns<A extends Waiting> {
  size = 0
  private readonly byParent = new Map<string, { readonly leaves: Array<A>; from: number }>()

  add(leaf: A): void {
    const parent = parentOf(leaf.quota.path)
    const mates = this.byParent.get(parent)
    if (mates === undefined) this.byParent.set(parent, { leaves: [leaf], from: 0 })
    else mates.leaves.push(leaf)
    this.size++
  }

  next(): A | undefined {
    for (const [parent, mates] of this.byParent) {
      const leaf = mates.leaves[mates.from++]
      this.byParent.delete(parent)
      if (mates.from < mates.leaves.length) this.byParent.set(parent, mates)
      this.size--
      return leaf
    }
    return undefined
  }
}
