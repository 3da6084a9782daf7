/** A tree as a table: its contents, that columns do not move as time passes, and that it fits any width. */
import { stripVTControlCharacters, styleText } from "node:util"
import { expect, it } from "vitest"
import type { Paint } from "../../src/cli/print/lines.ts"
import { type Column, tableOf } from "../../src/cli/print/table.ts"
import type { Node } from "../../src/runtime/read/Control.ts"

const NOW = 125_400
const plain: Paint = (_, text) => text
const colourful: Paint = (style, text) => styleText(style, text, { validateStream: false })
const all: ReadonlyArray<Column> = ["name", "kind", "state", "pid", "incarnation", "uptime", "restarts", "next", "lastExit"]

const worker = (path: string, more: Partial<Node> = {}): Node => ({
  path,
  type: "worker",
  phase: "up",
  incarnation: 1,
  restarts: 0,
  since: 0,
  hold: false,
  ...more
})

const shop: Node = {
  ...worker("/shop", { type: "supervisor", strategy: "RestForOne" }),
  children: [
    worker("/shop/db", { pid: 4711 }),
    worker("/shop/migrate", { phase: "down", lastExit: { _tag: "Code", code: 0 } }),
    {
      ...worker("/shop/jobs", { type: "pool", incarnation: 2, restarts: 1, since: 5400 }),
      children: [
        worker("/shop/jobs/1", { phase: "backoff", incarnation: 4, restarts: 3, until: NOW + 2345, lastExit: { _tag: "Code", code: 1 } }),
        worker("/shop/jobs/2", { phase: "stopping", pid: 4713, until: NOW + 42_000 })
      ]
    },
    worker("/shop/mail", { phase: "down", hold: true, lastExit: { _tag: "Signal", signal: "SIGTERM" } }),
    worker("/shop/stuck", { phase: "stopping", pid: 32_768, blocked: [32_768], until: NOW - 1 })
  ]
}

const table = (columns = all, width = Number.POSITIVE_INFINITY, root = shop, now = NOW) =>
  tableOf({ now, root }, { columns, width, paint: plain })

it("shows every node below its parent", () => {
  expect(table()).toEqual([
    "NAME        KIND        STATE        PID  INC   UPTIME  RESTARTS  NEXT           LAST EXIT",
    "shop        RestForOne  up                  1   2m 05s         0",
    "├─ db       worker      up          4711    1   2m 05s         0",
    "├─ migrate  worker      down                1                  0                 finished",
    "├─ jobs     pool of 2   up                  2   2m 00s         1",
    "│  ├─ 1     worker      backoff             4                  3  in 2.3s        exit 1",
    "│  └─ 2     worker      stopping    4713    1                  0  killed in 42s",
    "├─ mail     worker      hold                1                  0                 SIGTERM",
    "└─ stuck    worker      blocked    32768    1                  0"
  ])
})

it("shows what processes say of themselves, as far as there is room", () => {
  const said = `${"accepting connections, ".repeat(3)}and so on`
  const root = { ...worker("/r"), children: [worker("/r/a", { status: said }), worker("/r/b")] }
  const rows = table(["name", "state", "status"], Number.POSITIVE_INFINITY, root)
  expect(rows).toEqual(["NAME      STATE     STATUS", "r         up", `├─ a      up        ${said.slice(0, 39)}…`, "└─ b      up"])
  expect(table(["name", "state", "status"], 30, root)[1]).toBe("r         up")
})

it("says of a process that was killed for lack of memory just that", () => {
  const exit = { _tag: "Signal", signal: "SIGKILL", outOfMemory: "group" } as const
  expect(table(["name", "lastExit"], Number.POSITIVE_INFINITY, worker("/a", { lastExit: exit }))[1]).toBe("a         out of memory")
})

it("has the columns that are asked for, in their order", () => {
  expect(table(["pid", "name"])[2]).toBe("  4711  ├─ db")
})

it.each([
  [{ phase: "restarting" }, "at once"],
  [{ phase: "backoff", until: NOW + 12_900 }, "in 12s"],
  [{ phase: "backoff", until: NOW - 5 }, "in 0.0s"],
  [{ phase: "backoff" }, ""],
  [{ phase: "stopping", until: NOW + 4000 }, "killed in 4s"],
  [{ phase: "stopping" }, ""]
] as const)("shows what comes next for %o: %s", (more, next) => {
  expect(table(["next"], 80, worker("/a", more))[1]).toBe(next)
})

it.each([
  [{ _tag: "Code", code: 70 }, "exit 70"],
  [{ _tag: "NotStarted", errno: "ENOENT", message: "there is no /漢" }, "ENOENT"],
  [{ _tag: "NotReady", afterMs: 30_000 }, "not ready"],
  [{ _tag: "GaveUp", intensity: 1, periodMs: 1, window: [] }, "gave up"],
  [{ _tag: "BootFailed", cause: { path: "/a/b", incarnation: 1, at: 0, exit: { _tag: "Code", code: 1 } } }, "no boot"],
  [{ _tag: "AutoShutdown", by: "/a/b" }, "shut down"],
  [{ _tag: "Shutdown" }, "shut down"],
  [{ _tag: "Killed" }, "killed"]
] as const)("shows how it ended in a word: %o", (lastExit, word) => {
  expect(table(["lastExit"], 80, worker("/a", { phase: "down", lastExit }))[1]).toBe(word)
})

it.each([
  [999, "0s"],
  [59_999, "59s"],
  [60_000, "1m 00s"],
  [3_599_999, "59m 59s"],
  [3_600_000, "1h 00m"],
  [86_399_999, "23h 59m"],
  [86_400_000, "1d 00h"],
  [40 * 86_400_000 + 4 * 3_600_000, "40d 04h"]
])("shows its uptime: %i ms is %s", (ms, uptime) => {
  expect(table(["uptime"], 80, worker("/a"), ms)[1]!.trim()).toBe(uptime)
})

it("no column moves in the first hour", () => {
  const headings = [0, 9999, 61_000, 3_599_000].map((since) => {
    const waiting = worker("/a/b", { phase: "backoff", until: NOW + since / 10 })
    return table(all, 200, { ...worker("/a", { since: NOW - since }), children: [waiting] })[0]
  })
  expect(new Set(headings).size).toBe(1)
})

it("leaves out less important columns when narrow, and shortens names last", () => {
  expect(table(all, 72)[5]).toBe("│  ├─ 1     backoff                           3  in 2.3s")
  expect(table(all, 40)[5]).toBe("│  ├─ 1     backoff   in 2.3s")
  expect(table(all, 10)[5]).toBe("│  ├─ 1")
  expect(table(all, 10)[3]).toBe("├─ migrate")
  expect(table(all, 8)[3]).toBe("├─ migr…")
})

it("is nowhere wider than it may be, and looks the same in colours", () => {
  for (let width = 1; width <= 120; width++) {
    const lines = tableOf({ now: NOW, root: shop }, { columns: all, width, paint: colourful })
    expect(lines.map(stripVTControlCharacters)).toEqual(table(all, width))
    for (const line of lines) {
      expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(width)
      // Every colour ends before the next line.
      expect(line.match(/\x1b\[\d+m/g)?.at(-1)).toMatch(/\[(?:22|39)m$/)
    }
  }
})
