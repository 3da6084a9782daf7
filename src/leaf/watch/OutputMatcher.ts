/** Remembers when a line of a worker's output last matched each pattern of its probes and heartbeat. */
import { compile, type Pattern } from "../../tree/pattern.ts"
import type { Worker } from "../../tree/Spec.ts"
import { LineText } from "../LineText.ts"

type Stream = "stdout" | "stderr"

interface Entry {
  readonly pattern: Pattern
  at: number | undefined
  /** The lines being written that have matched already: each counts once. */
  readonly matched: Set<Stream>
}

const beatPatternOf = ({ heartbeat }: Worker): string | undefined => (heartbeat?.from.type === "line" ? heartbeat.from.pattern : undefined)

/** What its output is matched against as long as it runs. */
export const patternsOf = (worker: Worker): ReadonlyArray<string> => {
  const beat = beatPatternOf(worker)
  const probes = worker.health.flatMap((probe) => (probe.type === "log" ? [probe.pattern] : []))
  return beat === undefined ? probes : [...probes, beat]
}

export class OutputMatcher {
  private readonly patterns = new Map<string, Entry>()
  private readonly texts = { stdout: new LineText(), stderr: new LineText() }
  private readonly beatPattern: string | undefined
  private readonly now: () => number

  /** `now`: milliseconds. */
  constructor(worker: Worker, now: () => number) {
    this.now = now
    this.beatPattern = beatPatternOf(worker)
    for (const pattern of patternsOf(worker)) this.patterns.set(pattern, { pattern: compile(pattern), at: undefined, matched: new Set() })
  }

  /** Returns true if the line is a heartbeat. `continues`: the next piece of this stream belongs to the same line. */
  add(stream: Stream, piece: string, continues: boolean): boolean {
    if (this.patterns.size === 0) return false
    const line = this.texts[stream].add(piece, continues)
    let isBeat = false
    for (const [text, entry] of this.patterns) {
      if (!entry.matched.has(stream) && entry.pattern.test(line)) {
        entry.at = this.now()
        isBeat ||= text === this.beatPattern
        entry.matched.add(stream)
      }
      if (!continues) entry.matched.delete(stream)
    }
    return isBeat
  }

  /** How long ago it last matched, in milliseconds; undefined if it never has. */
  ageOf(pattern: string): number | undefined {
    const at = this.patterns.get(pattern)?.at
    return at === undefined ? undefined : this.now() - at
  }
}
