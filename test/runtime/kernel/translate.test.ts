/** What the core hears of a leaf, and what only observers do. */
import { describe, expect, it } from "vitest"
import type { LeafEvent } from "../../../src/leaf/Spawner.ts"
import { isFolded, reported, translate } from "../../../src/runtime/kernel/translate.ts"

const of = { path: "/r/a", incarnation: 2 }
const news = { ...of, n: 7, at: 1.5 }
const usage = { userMs: 1, systemMs: 2, maxRssBytes: 3 }
const KILLED = { code: undefined, signal: "SIGKILL" } as const

describe("is folded", () => {
  it.each<[LeafEvent, object]>([
    [
      { ...news, _tag: "Spawned", pid: 9, startTime: 8 },
      { _tag: "Spawned", pid: 9, startTime: 8 }
    ],
    [{ ...news, _tag: "Ready" }, { _tag: "Ready" }],
    [
      { ...news, _tag: "Notified", status: "busy", extendMs: 5 },
      { _tag: "Notified", status: "busy", extendMs: 5 }
    ],
    [
      { ...news, _tag: "Blocked", pids: [9] },
      { _tag: "Blocked", pids: [9] }
    ],
    [
      { ...news, _tag: "NotStarted", errno: "ENOENT", message: "no" },
      { _tag: "Exited", exit: { _tag: "NotStarted", errno: "ENOENT", message: "no" } }
    ],
    [
      { ...news, _tag: "Exited", code: 3, signal: undefined },
      { _tag: "Exited", exit: { _tag: "Code", code: 3 } }
    ],
    [
      { ...news, _tag: "Exited", ...KILLED },
      { _tag: "Exited", exit: { _tag: "Signal", signal: "SIGKILL" } }
    ],
    [
      { ...news, _tag: "Exited", ...KILLED, isLost: true },
      { _tag: "Exited", exit: { _tag: "Lost" } }
    ],
    [
      { ...news, _tag: "Exited", ...KILLED, dumped: true, outOfMemory: "group", strays: [5], usage },
      { _tag: "Exited", exit: { _tag: "Signal", signal: "SIGKILL", dumped: true, outOfMemory: "group" }, strays: [5], usage }
    ]
  ])("%j", (event, folded) => {
    expect(isFolded(event)).toBe(true)
    expect(translate(event as Parameters<typeof translate>[0], undefined)).toStrictEqual({ ...of, ...folded })
  })

  it("an exit with the pressure of the machine", () => {
    const exited = { ...news, _tag: "Exited", code: 0, signal: undefined } as const
    expect(translate(exited, 0.5)).toStrictEqual({ ...of, _tag: "Exited", exit: { _tag: "Code", code: 0 }, pressure: 0.5 })
  })
})

const unfolded: ReadonlyArray<LeafEvent> = [
  { ...news, _tag: "Line", stream: "stdout", text: "a", continues: false },
  { ...news, _tag: "Dropped", lines: 1, bytes: 2 },
  { ...news, _tag: "LeaderEnded", code: 1 },
  { ...news, _tag: "LogFailed", errno: "ENOSPC", lines: 1, bytes: 2 },
  { ...news, _tag: "LogResumed", lines: 1, bytes: 2 }
]

it.each(unfolded.map((event) => [event] as const))("is only reported, without its number and its time: %j", (event) => {
  expect(isFolded(event)).toBe(false)
  const { n: _, at: __, ...body } = event
  expect(reported(event as Parameters<typeof reported>[0])).toStrictEqual(body)
})
