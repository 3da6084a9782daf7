/** Remembers when a line of a worker's output last matched each pattern of its probes and heartbeat. */
import { compile, MATCH_LIMIT, type Pattern } from "../../tree/pattern.ts"
import type { Worker } from "../../tree/Spec.ts"

export class OutputMatcher {
  private readonly patterns = new Map<string, { readonly pattern: Pattern; at: number | undefined }>()
  private readonly beatPattern: string | undefined
  private readonly now: () => number

  /** `now`: milliseconds. */
  constructor({ health, heartbeat }: Worker, now: () => number) {
    this.now = now
    const { from } = heartbeat ?? {}
    this.beatPattern = from?.type === "line" ? from.pattern : undefined
    const wanted = [
      ...health.flatMap((probe) => (probe.type === "log" ? [probe.pattern] : [])),
      ...(this.beatPattern === undefined ? [] : [this.beatPattern])
    ]
    for (const pattern of wanted) this.patterns.set(pattern, { pattern: compile(pattern), at: undefined })
  }

  /** Returns true if the line is a heartbeat. */
  add(line: string): boolean {
    if (this.patterns.size === 0) return false
    const start = line.length > MATCH_LIMIT ? line.slice(0, MATCH_LIMIT) : line
    let isBeat = false
    for (const [text, entry] of this.patterns) {
      if (!entry.pattern.test(start)) continue
      entry.at = this.now()
      isBeat ||= text === this.beatPattern
    }
    return isBeat
  }

  /** How long ago it last matched, in milliseconds; undefined if it never has. */
  ageOf(pattern: string): number | undefined {
    const at = this.patterns.get(pattern)?.at
    return at === undefined ? undefined : this.now() - at
  }
}
