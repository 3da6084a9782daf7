/** Children that are no longer in the tree: temporary ones that have ended, removed instances. */
import { flatten } from "../../core/flatten.ts"
import type { Snapshot } from "../../runtime/read/Control.ts"
import { sayEvent } from "../../runtime/read/eventText.ts"
import type { TreeEvent } from "../../runtime/read/TreeEvent.ts"
import { clock } from "./lines.ts"

type End = Extract<TreeEvent, { readonly _tag: "Exited" | "Stopped" | "StartFailed" }>

/** How each of those below a node ended, in order; of what has happened lately. */
export function finishedIn(past: Iterable<TreeEvent>, { root }: Pick<Snapshot, "root">): ReadonlyArray<End> {
  const there = new Set(flatten(root).map(({ path }) => path))
  const ends = new Map<string, End>()
  const finished = new Map<string, End>()
  for (const event of past) {
    if (!event.path.startsWith(`${root.path}/`)) continue
    if (event._tag === "Exited" || event._tag === "Stopped" || event._tag === "StartFailed") ends.set(event.path, event)
    const end = ends.get(event.path)
    if (event._tag === "Removed" && end !== undefined && !there.has(event.path)) finished.set(event.path, end)
  }
  return [...finished.values()]
}

/** As lines for people. */
export const finishedLines = (ends: ReadonlyArray<End>): ReadonlyArray<string> =>
  ends.length === 0 ? [] : ["", "No longer in the tree:", ...ends.map((event) => `  ${clock(event.at)} ${event.path} ${sayEvent(event)}`)]

/** As nodes for machines. */
export const finishedFacts = (ends: ReadonlyArray<End>) =>
  ends.map(({ path, incarnation, exit, at }) => ({ path, state: "removed", incarnation, lastExit: exit, endedAt: at }))
