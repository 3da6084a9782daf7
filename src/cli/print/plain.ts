/** Output for people who want only lines: what happens, and while stopping takes long, what is being waited for. */
import * as Effect from "effect/Effect"
import { sayBlocked } from "../../core/Sentence.ts"
import type { Control, Node, Snapshot } from "../../runtime/read/Control.ts"
import { sayDuration } from "../../tree/duration.ts"
import { linesFor, paintFor } from "./lines.ts"
import { makeOutput } from "./Output.ts"
import { type Presenter, STOPPING, sayTooSlow } from "./Presenter.ts"

/** How often an operator who waits for the end is shown what is being waited for. */
const WAITS_EVERY_MS = 2000

export function inPlainLines(stream: typeof process.stdout): Presenter {
  const output = makeOutput(stream, sayTooSlow)
  const paint = paintFor(stream)
  let watched: Control["Service"] | undefined
  const printWaits = (): void => {
    if (watched !== undefined) waitsOf(Effect.runSync(watched.snapshot)).forEach(output.line)
  }
  return {
    remark: output.line,
    attach: (control, shortName) => {
      watched = control
      const lineOf = linesFor(paint, shortName)
      control.observe((event) => {
        const line = lineOf(event)
        if (line !== undefined) output.line(line)
      })
    },
    stopping: (how) => {
      output.line(STOPPING[how])
      if (how === "in order") setInterval(printWaits, WAITS_EVERY_MS).unref()
    },
    flush: output.flush
  }
}

function waitsOf({ now, root }: Snapshot): ReadonlyArray<string> {
  const leaves = (node: Node): ReadonlyArray<Node> => (node.children === undefined ? [node] : node.children.flatMap(leaves))
  return leaves(root)
    .filter((leaf) => leaf.phase === "stopping")
    .map(({ path, pid, since, until, blocked }) => {
      const rest =
        blocked !== undefined
          ? sayBlocked(blocked)
          : until === undefined
            ? "no time limit"
            : `killed in ${sayDuration(Math.max(0, until - now))}`
      return `waiting for ${path} (pid ${pid}) for ${sayDuration(now - since)}, ${rest}`
    })
}
