/** When a line of a worker's output last matched each of the patterns that somebody asks about. */
import type { Worker } from "../../tree/Spec.ts"
import { compile, MATCH_LIMIT } from "../pattern.ts"

export class OutputMatcher {
  private readonly patterns = new Map<string, { readonly pattern: RegExp; at: number | undefined }>()
  private readonly beats: string | undefined

  private readonly now: () => number

  /** `now`: milliseconds. */
  constructor({ health, heartbeat }: Worker, now: () => number) {
    this.now = now
    const { from } = heartbeat ?? {}
    this.beats = from?.type === "line" ? from.pattern : undefined
    const asked = [
      ...health.flatMap((probe) => (probe.type === "log" ? [probe.pattern] : [])),
      ...(this.beats === undefined ? [] : [this.beats])
    ]
    for (const pattern of asked) this.patterns.set(pattern, { pattern: compile(pattern), at: undefined })
  }

  /** Is it a heartbeat? */
  add(line: string): boolean {
    if (this.patterns.size === 0) return false
    const tried = line.length > MATCH_LIMIT ? line.slice(0, MATCH_LIMIT) : line
    let beats = false
    for (const [text, known] of this.patterns) {
      if (!known.pattern.test(tried)) continue
      known.at = this.now()
      beats ||= text === this.beats
    }
    return beats
  }

  /** In milliseconds; undefined if none has matched. */
  ageOf(pattern: string): number | undefined {
    const at = this.patterns.get(pattern)?.at
    return at === undefined ? undefined : this.now() - at
  }
}
