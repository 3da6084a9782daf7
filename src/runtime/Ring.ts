/** The last `size` items; older ones are overwritten. */
export class Ring<A> {
  /** How many were ever added. */
  added = 0
  private readonly size: number
  private readonly items: Array<A> = []

  constructor(size: number) {
    this.size = size
  }

  add(item: A): void {
    this.items[this.added % this.size] = item
    this.added++
  }

  /** A copy, the oldest first. */
  all(): Array<A> {
    const next = this.added % this.size
    return this.added < this.size ? this.items.slice() : [...this.items.slice(next), ...this.items.slice(0, next)]
  }
}
