/** Where starts fail at present, and how. */
import type { Exit } from "../../core/Exit.ts"

interface Outage {
  readonly concerns: (path: string) => boolean
  readonly until: number
  readonly exit: Exit
}

export class Outages {
  private several: ReadonlyArray<Outage> = []
  private readonly single = new Map<string, Omit<Outage, "concerns">>()

  add(outage: Outage): void {
    this.several = [...this.several, outage]
  }

  /** For a single worker; there may be thousands of these at once. */
  addOne(path: string, until: number, exit: Exit): void {
    // A shorter outage does not end a longer one.
    if ((this.single.get(path)?.until ?? 0) < until) this.single.set(path, { until, exit })
  }

  clear(): void {
    this.several = []
    this.single.clear()
  }

  /** How a start at this path fails now, or undefined. */
  exitOf(path: string, now: number): Exit | undefined {
    const single = this.single.get(path)
    if (single !== undefined && single.until > now) return single.exit
    this.several = this.several.filter(({ until }) => until > now)
    return this.several.find(({ concerns }) => concerns(path))?.exit
  }
}
