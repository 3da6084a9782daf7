/** The last events of a tree, for subscribers that come later. */
import type { Kernel } from "../kernel/Kernel.ts"
import { Ring } from "../Ring.ts"
import type { TreeEvent } from "./TreeEvent.ts"

const EVENTS_KEPT = 1000

/** Without lines of output. Oldest first. */
export function rememberEvents(kernel: Pick<Kernel, "observe">): () => ReadonlyArray<TreeEvent> {
  const ring = new Ring<TreeEvent>(EVENTS_KEPT)
  kernel.observe({
    told: (event) => {
      if (event._tag !== "Line") ring.add(event)
    }
  })
  return () => ring.all()
}
