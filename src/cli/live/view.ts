/** For a person at a terminal: what happens and what the workers print scrolls by, and the tree as it is stands below. */
import type { WriteStream } from "node:tty"
import * as Effect from "effect/Effect"
import type { Control } from "../../runtime/read/Control.ts"
import { beforeErrors } from "../print/errors.ts"
import { lineOf, paintFor } from "../print/lines.ts"
import { type Presenter, STOPPING, sayTooSlow } from "../print/Presenter.ts"
import { frameOf } from "./frame.ts"
import { inForeground } from "./inForeground.ts"
import { makeScreen, type Size } from "./Screen.ts"

/** How often the frame is drawn when nothing happens: whole seconds pass, or the tenths of somebody who is waited for. */
const TICK_MS = { idle: 1000, counting: 200 }
/** A tree of ten thousand costs some 10 ms to look at: so many times as long we leave it alone when nothing happens. */
const REST = 100

const ADVICE = { running: "Ctrl-C stops in order", "in order": "Ctrl-C again stops at once", "at once": "stopping at once" } as const

/** In the background the terminal is the shell's. */
const NO_FRAME = { lines: [], counting: false }

export function asLiveTree(stream: WriteStream): Presenter {
  const paint = paintFor(stream)
  let watched: Control["Service"] | undefined
  let phase: keyof typeof ADVICE = "running"
  let tick: NodeJS.Timeout | undefined

  const compose = (size: Size): ReadonlyArray<string> => {
    if (watched === undefined) return []
    const begin = performance.now()
    const look = { ...size, paint, advice: ADVICE[phase] }
    const { lines, counting } = inForeground() ? frameOf(Effect.runSync(watched.snapshot), look) : NO_FRAME
    const rest = (performance.now() - begin) * REST
    clearTimeout(tick)
    tick = setTimeout(screen.refresh, Math.max(rest, counting ? TICK_MS.counting : TICK_MS.idle)).unref()
    return lines
  }
  const screen = makeScreen(stream, compose, sayTooSlow)
  beforeErrors(screen.close)

  return {
    attach: (control) => {
      watched = control
      control.observe((event) => {
        const line = lineOf(event, paint)
        if (line !== undefined) screen.line(line)
        if (event._tag !== "Line") screen.refresh()
      })
    },
    stopping: (how) => {
      phase = how
      screen.line(STOPPING[how])
      screen.refresh()
    },
    flush: async () => {
      clearTimeout(tick)
      await screen.flush()
    }
  }
}
