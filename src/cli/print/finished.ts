/** Children that are no longer in the tree, as lines for people: temporary ones that have ended, removed instances. */
import { flatten } from "../../core/flatten.ts"
import type { Snapshot } from "../../runtime/read/Control.ts"
import { sayEvent } from "../../runtime/read/eventText.ts"
import type { TreeEvent } from "../../runtime/read/TreeEvent.ts"
import { clock } from "./lines.ts"

/** How each of them ended, in order; of what has happened lately. */
export function finishedIn(past: Iterable<TreeEvent>, { root }: Snapshot): ReadonlyArray<string> {
  const there = new Set(flatten(root).map(({ path }) => path))
  const ends = new Map<string, TreeEvent>()
  const finished = new Map<string, TreeEvent>()
  for (const event of past) {
    if (event._tag === "Exited" || event._tag === "Stopped" || event._tag === "StartFailed") ends.set(event.path, event)
    const end = ends.get(event.path)
    if (event._tag === "Removed" && end !== undefined && !there.has(event.path)) finished.set(event.path, end)
  }
  if (finished.size === 0) return []
  return ["", "No longer in the tree:", ...[...finished.values()].map((event) => `  ${clock(event.at)} ${event.path} ${sayEvent(event)}`)]
}
