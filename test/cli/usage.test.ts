/** What workers use, as cells of a table, and the totals of supervisors. */
import { expect, it } from "vitest"
import { sayUsage, usageByPath } from "../../src/cli/print/usage.ts"
import type { Node } from "../../src/runtime/read/Control.ts"

const node = (path: string, type: Node["type"], children?: ReadonlyArray<Node>): Node => ({
  ...{ path, type, phase: "up", incarnation: 1, restarts: 0, since: 0, hold: false },
  ...(children && { children })
})

it.each([
  ["processes", { processes: 3 }, "3"],
  ["cpu", { cpuMs: 0 }, "0.00s"],
  ["cpu", { cpuMs: 59_990 }, "59.99s"],
  ["cpu", { cpuMs: 60_000 }, "1m 00s"],
  ["memory", { memoryBytes: 1023 }, "1023 B"],
  ["memory", { memoryBytes: 1.25 * 1024 ** 3 }, "1.3 GiB"],
  ["files", { openFiles: 7 }, "7"],
  ["files", {}, ""],
  ["read", { readBytes: 4096 }, "4 KiB"],
  ["read", {}, ""],
  ["written", { writtenBytes: 0 }, "0 B"],
  ["written", { readBytes: 1 }, ""]
] as const)("%s of %j is %j", (column, some, text) => {
  expect(sayUsage(column, { processes: 1, cpuMs: 10, memoryBytes: 4096, ...some })).toBe(text)
})

it("nothing is said of what has no process", () => expect(sayUsage("cpu", undefined)).toBe(""))

it("a supervisor has the sum of all below it, and nothing when nothing runs there", () => {
  const root = node("/r", "supervisor", [
    node("/r/a", "worker"),
    node("/r/p", "pool", [node("/r/p/1", "worker"), node("/r/p/2", "worker")]),
    node("/r/empty", "supervisor", [node("/r/empty/b", "worker")])
  ])
  const group = (n: number) => ({ processes: n, cpuMs: n, memoryBytes: n, openFiles: n })
  const used = usageByPath(
    root,
    ["/r/a", "/r/p/1", "/r/p/2"].map((path, i) => ({ path, group: group(10 ** i) }))
  )
  expect(used.get("/r/p")).toEqual(group(110))
  expect(used.get("/r")).toEqual(group(111))
  expect(used.get("/r/a")).toEqual(group(1))
  expect(used.has("/r/empty")).toBe(false)
})
