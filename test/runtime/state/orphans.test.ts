/** How processes that were left behind are listed. */
import { expect, it } from "vitest"
import { listed } from "../../../src/runtime/state/orphans.ts"

const orphan = (path: string, pid: number) => ({ path, pid, startTime: 1, group: pid })

it("names them by path, and counts the paths beyond twenty", () => {
  const all = Array.from({ length: 22 }, (_, n) => orphan(`/r/${n}`, 100 + n))
  const twenty = all.slice(0, 20)
  expect(listed([orphan("/r/a", 12), orphan("/r/b", 14), orphan("/r/a", 13)])).toBe("/r/a (pid 12, 13), /r/b (pid 14)")
  expect(listed(twenty)).toBe(twenty.map(({ path, pid }) => `${path} (pid ${pid})`).join(", "))
  expect(listed(all)).toBe(`${listed(twenty)} and 2 more paths`)
})
