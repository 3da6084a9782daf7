/** The last thousand numbers, with mean and variance from their sums, as the peers compute them. */
export class Ring {
  private readonly cells: Float64Array
  private n = 0
  private sum = 0
  private squares = 0
  /** Sums are relative to the first number, to lose less precision. */
  private base = 0

  constructor(size: number) {
    this.cells = new Float64Array(size)
  }

  add(value: number): void {
    if (this.n === 0) this.base = value
    const x = value - this.base
    const at = this.n % this.cells.length
    if (this.n >= this.cells.length) {
      this.sum -= this.cells[at]!
      this.squares -= this.cells[at]! ** 2
    }
    this.cells[at] = x
    this.sum += x
    this.squares += x * x
    this.n++
  }

  get count(): number {
    return Math.min(this.n, this.cells.length)
  }

  get mean(): number {
    return this.base + this.sum / this.count
  }

  get variance(): number {
    return Math.max(0, this.squares / this.count - (this.sum / this.count) ** 2)
  }

  /** The oldest number kept. */
  get oldest(): number {
    return this.base + this.cells[this.n > this.cells.length ? this.n % this.cells.length : 0]!
  }
}
