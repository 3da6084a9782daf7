/** What one process prints, as the keeper sends it: cut into lines again. */

import type { Seen } from "../Outbox.ts"
import { ReportedLines, type Stream } from "../ReportedLines.ts"

const NEWLINE = 0x0a
const RETURN = 0x0d

export class ReceivedOutput {
  private readonly lines: ReportedLines
  /** The last line of this stream was passed on only in part. */
  private readonly continued = { stdout: false, stderr: false }

  constructor(...to: ConstructorParameters<typeof ReportedLines>) {
    this.lines = new ReportedLines(...to)
  }

  /** Whole lines; the last one may be a piece, or what stands at the end of the stream. */
  add(stream: Stream, bytes: Buffer, continues: boolean, seen?: Seen): void {
    let start = 0
    for (let newline = bytes.indexOf(NEWLINE); newline >= 0; newline = bytes.indexOf(NEWLINE, start)) {
      const end = newline > start && bytes[newline - 1] === RETURN ? newline - 1 : newline
      this.lines.add(stream, bytes, start, end, false, seen)
      this.continued[stream] = false
      start = newline + 1
    }
    if (start === bytes.length && !(start === 0 && this.continued[stream])) return
    this.lines.add(stream, bytes, start, bytes.length, continues, seen)
    this.continued[stream] = continues
  }

  /** Nothing more comes: a line that was passed on in part is complete. */
  end(seen?: Seen): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.continued[stream]) this.lines.add(stream, Buffer.alloc(0), 0, 0, false, seen)
      this.continued[stream] = false
    }
  }
}
