/**
 * A binary heap: the item that is first by `isBefore` is on top. The order of two items of which neither is before the
 * other is arbitrary, but the same for the same calls.
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

  /** Removes the first item and answers it. */
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

  /** Removes all items and answers them, in no order. */
  clear(): ReadonlyArray<T> {
    return this.items.splice(0)
  }
}
