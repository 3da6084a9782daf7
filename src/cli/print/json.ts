/** An event as a line of JSON: its own fields, its name, the time in ISO 8601, and the sentence a person would see. */

import { sayEvent } from "../../runtime/read/eventText.ts"
import type { TreeEvent } from "../../runtime/read/TreeEvent.ts"
import { jsonText } from "./terminal.ts"

export function jsonOf(event: TreeEvent): string {
  const { seq, at, _tag, ...rest } = event
  const message = _tag === "Line" ? {} : { message: sayEvent(event) }
  return jsonText({ seq, at: new Date(at).toISOString(), event: _tag, ...rest, ...message })
}
