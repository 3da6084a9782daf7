/**
 * What is going to happen, by time and then by order of arrival. Only what takes time moves the clock, and `advance`.
 */
export class EventQueue<A> {
  now = 0
  private readonly due: Array<{ readonly at: number; readonly what: A }> = []

  add(what: A, afterMs = 0): void {
    const at = this.now + afterMs
    let place = this.due.length
    while (place > 0 && this.due[place - 1]!.at > at) place--
    this.due.splice(place, 0, { at, what })
  }

  next(): A | undefined {
    const next = this.due.shift()
    if (next !== undefined) this.now = Math.max(this.now, next.at)
    return next?.what
  }
}
