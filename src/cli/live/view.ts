/** The live view: events and output scroll by, and the current tree stands below. */
import type { WriteStream } from "node:tty"
import * as Effect from "effect/Effect"
import type { Control } from "../../runtime/read/Control.ts"
import { beforeErrors } from "../print/errors.ts"
import { linesFor, paintFor } from "../print/lines.ts"
import { type Presenter, STOPPING, sayTooSlow } from "../print/Presenter.ts"
import { frameOf } from "./frame.ts"
import { inForeground } from "./inForeground.ts"
import { makeScreen, type Size } from "./Screen.ts"

/**
 * How often the frame is redrawn when nothing happens: every second, or more often while tenths of seconds are shown.
 */
const TICK_MS = { idle: 1000, counting: 200 }
/** Composing a tree of ten thousand takes some 10 ms; when nothing happens, wait this many times as long. */
const REST_FACTOR = 100

const ADVICE = { running: "Ctrl-C stops in order", "in order": "Ctrl-C again stops at once", "at once": "stopping at once" } as const

/** In the background the terminal is the shell's. */
const NO_FRAME = { lines: [], isCounting: false }

export function asLiveTree(stream: WriteStream): Presenter {
  const paint = paintFor(stream)
  let watched: Control["Service"] | undefined
  let phase: keyof typeof ADVICE = "running"
  let tick: NodeJS.Timeout | undefined

  const compose = (size: Size): ReadonlyArray<string> => {
    if (watched === undefined) return []
    const begin = performance.now()
    const options = { ...size, paint, advice: ADVICE[phase] }
    const { lines, isCounting } = inForeground() ? frameOf(Effect.runSync(watched.snapshot), options) : NO_FRAME
    const restMs = (performance.now() - begin) * REST_FACTOR
    clearTimeout(tick)
    tick = setTimeout(screen.refresh, Math.max(restMs, isCounting ? TICK_MS.counting : TICK_MS.idle)).unref()
    return lines
  }
  const screen = makeScreen(stream, compose, sayTooSlow)
  beforeErrors(screen.close)

  return {
    remark: screen.line,
    attach: (control, shortName) => {
      watched = control
      const lineOf = linesFor(paint, shortName)
      control.observe((event) => {
        const line = lineOf(event)
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
