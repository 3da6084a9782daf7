/** The line that a stream of a process is writing, as a person would see it. Patterns are matched on it. */
import { MATCH_LIMIT } from "../tree/pattern.ts"

/** Control sequences (ECMA-48), with or without an end, and control characters. Takes linear time. */
const INVISIBLE =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g

export class LineText {
  private written = ""

  /** A piece is added. Answers the visible text of the line so far. `continues`: the line goes on. */
  add(piece: string, continues: boolean): string {
    const all = this.written === "" ? piece : this.written + piece
    const start = all.length > MATCH_LIMIT ? all.slice(0, MATCH_LIMIT) : all
    this.written = continues ? start : ""
    return visible(start)
  }
}

/** What a carriage return has written over is not seen any more. */
function visible(text: string): string {
  const last = text.includes("\r") ? (text.split("\r").findLast((part) => part !== "") ?? "") : text
  return /[\x00-\x1f\x7f-\x9f]/.test(last) ? last.replace(INVISIBLE, "") : last
}
