/** A map that keeps what was set last, under at most `size` keys. */
export class RecentMap<K, V> {
  private readonly size: number
  /** What was set last is at the end. */
  private readonly entries = new Map<K, V>()

  constructor(size: number) {
    this.size = size
  }

  get(key: K): V | undefined {
    return this.entries.get(key)
  }

  delete(key: K): void {
    this.entries.delete(key)
  }

  set(key: K, value: V): void {
    this.entries.delete(key)
    this.entries.set(key, value)
    const [oldest] = this.entries.keys()
    if (this.entries.size > this.size) this.entries.delete(oldest!)
  }
}
