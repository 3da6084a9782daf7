/** The last lines that each worker wrote to stderr: when a tree gives up, they often say why. */
import type { TreeEvent } from "../runtime/read/TreeEvent.ts"

const LINES_KEPT = 5
/** Of a longer line only the beginning is kept, in characters. */
const LINE_KEPT = 500
/** Of more workers, those that have been silent for longest are forgotten. */
const WORKERS_KEPT = 1_000

export class LastWords {
  private readonly lines = new Map<string, ReadonlyArray<string>>()

  add(event: TreeEvent): void {
    if (event._tag !== "Line" || event.stream !== "stderr" || event.text.trim() === "") return
    const before = this.lines.get(event.path) ?? []
    this.lines.delete(event.path)
    this.lines.set(event.path, [...before, beginning(event.text)].slice(-LINES_KEPT))
    if (this.lines.size > WORKERS_KEPT) for (const oldest of this.lines.keys()) return void this.lines.delete(oldest)
  }

  /** Oldest first. */
  of(path: string): ReadonlyArray<string> {
    return this.lines.get(path) ?? []
  }
}

/** A copy, as a slice would keep the whole line in memory. */
const beginning = (text: string): string => (text.length <= LINE_KEPT ? text : `${Buffer.from(text.slice(0, LINE_KEPT)).toString()}…`)
