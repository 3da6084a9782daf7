/** Passes on the lines that one process writes, within its limits, and looks for the one that says it is ready. */
import { MATCH_LIMIT, type Pattern } from "../tree/pattern.ts"
import { LineText } from "./LineText.ts"
import type { Outbox, OutputQuota, Seen } from "./Outbox.ts"

export type Stream = "stdout" | "stderr"

export class ReportedLines {
  private readonly outbox: Outbox
  private readonly quota: OutputQuota
  private readonly onReady: (seen?: Seen) => void
  /** What makes it ready; undefined if no line does, or it is ready. */
  private pattern: Pattern | undefined
  private readonly texts = { stdout: new LineText(), stderr: new LineText() }

  constructor(outbox: Outbox, quota: OutputQuota, pattern: Pattern | undefined, onReady: (seen?: Seen) => void) {
    this.outbox = outbox
    this.quota = quota
    this.pattern = pattern
    this.onReady = onReady
  }

  /**
   * `bytes` is used only during the call. `continues`: the next piece of the line follows. `seen`: if not just now.
   */
  add(stream: Stream, bytes: Buffer, start: number, end: number, continues: boolean, seen?: Seen): void {
    const size = end - start
    if (this.outbox.hasRoom(this.quota, size))
      this.outbox.emitLine(this.quota, stream, bytes.toString("utf8", start, end), size, continues, seen)
    if (this.pattern === undefined) return
    const text = this.texts[stream].add(bytes.toString("utf8", start, Math.min(end, start + MATCH_LIMIT)), continues)
    if (!this.pattern.test(text)) return
    this.pattern = undefined
    this.onReady(seen)
  }
}
