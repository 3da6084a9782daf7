/** Which files of a tree have changed since it was started. */
import { rmSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { watchSources } from "../../../src/runtime/read/sources.ts"
import { temporaryFolder } from "../processes.ts"

it("goes by what is in them", () => {
  const folder = temporaryFolder()
  const [one, two, three] = ["one.ts", "two.ts", "three.ts"].map((name) => join(folder, name)) as [string, string, string]
  for (const file of [one, two, three]) writeFileSync(file, "export default 1")
  const places = new Map([one, two, three, one].map((file, n) => [`/r/${n}`, { file, line: 1 }] as const))
  const changed = watchSources({ spec: {} as never, places: places as never })
  expect(changed()).toEqual([])
  utimesSync(one, 1, 1)
  expect(changed()).toEqual([])
  writeFileSync(two, "export default 2")
  rmSync(three)
  expect(changed()).toEqual([two, three])
  writeFileSync(two, "export default 1")
  expect(changed()).toEqual([three])
})

it("of a tree that comes from no file nothing has changed", () => expect(watchSources(undefined)()).toEqual([]))
