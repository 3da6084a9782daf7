/**
 * A binary heap: what comes first by `isBefore` is on top. Where neither of two is before the other, their order is
 * that of the heap, always the same for the same calls; a caller that needs another one says so in `isBefore`.
 */
export class Heap<T> {
  private readonly items: Array<T> = []
  private readonly isBefore: (one: T, other: T) => boolean

  constructor(isBefore: (one: T, other: T) => boolean) {
    this.isBefore = isBefore
  }

  get first(): T | undefined {
    return this.items[0]
  }

  add(item: T): void {
    const { items, isBefore } = this
    let i = items.push(item) - 1
    for (let up = (i - 1) >> 1; i > 0 && isBefore(item, items[up]!); up = (i - 1) >> 1) {
      items[i] = items[up]!
      i = up
    }
    items[i] = item
  }

  /** Takes the first one out. */
  next(): T | undefined {
    const { items, isBefore } = this
    const first = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return last
    let i = 0
    for (;;) {
      let down = 2 * i + 1
      if (down + 1 < items.length && isBefore(items[down + 1]!, items[down]!)) down++
      if (down >= items.length || !isBefore(items[down]!, last)) break
      items[i] = items[down]!
      i = down
    }
    items[i] = last
    return first
  }

  /** Takes all out, in no order. */
  clear(): ReadonlyArray<T> {
    return this.items.splice(0)
  }
}
