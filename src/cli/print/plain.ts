/** For a person who wants lines and nothing else: what happens, and, while the end takes long, whom we wait for. */
import * as Effect from "effect/Effect"
import { sayBlocked } from "../../core/Sentence.ts"
import type { Control, Node, Snapshot } from "../../runtime/read/Control.ts"
import { sayDuration } from "../../tree/duration.ts"
import { lineOf, paintFor } from "./lines.ts"
import { makeOutput } from "./Output.ts"
import { type Presenter, STOPPING, sayTooSlow } from "./Presenter.ts"

/** How often a person who waits for the end is told whom we wait for. */
const TELL_EVERY_MS = 2000

export function inPlainLines(stream: typeof process.stdout): Presenter {
  const output = makeOutput(stream, sayTooSlow)
  const paint = paintFor(stream)
  let watched: Control["Service"] | undefined
  const tellWaits = (): void => {
    if (watched !== undefined) waits(Effect.runSync(watched.snapshot)).forEach(output.line)
  }
  return {
    attach: (control) => {
      watched = control
      control.observe((event) => {
        const line = lineOf(event, paint)
        if (line !== undefined) output.line(line)
      })
    },
    stopping: (how) => {
      output.line(STOPPING[how])
      if (how === "in order") setInterval(tellWaits, TELL_EVERY_MS).unref()
    },
    flush: output.flush
  }
}

function waits({ now, root }: Snapshot): ReadonlyArray<string> {
  const leaves = (node: Node): ReadonlyArray<Node> => (node.children === undefined ? [node] : node.children.flatMap(leaves))
  return leaves(root)
    .filter((leaf) => leaf.phase === "stopping")
    .map(({ path, pid, since, until, blocked }) => {
      const rest =
        blocked !== undefined
          ? sayBlocked(blocked)
          : until === undefined
            ? "however long it takes"
            : `killed in ${sayDuration(Math.max(0, until - now))}`
      return `waiting for ${path} (pid ${pid}) for ${sayDuration(now - since)}, ${rest}`
    })
}
