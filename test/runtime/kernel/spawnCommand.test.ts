/** What a tree file says of a log, as the spawner is told. */
import { expect, it } from "vitest"
import { logFilesOf } from "../../../src/runtime/kernel/spawnCommand.ts"

const logs = { size: 4096, keep: 5, whenFull: "drop", compress: true } as const

it.each([
  ["", {}, {}],
  ["a limit of all files", { total: 9000 }, { totalBytes: 9000 }],
  ["an age, in whole seconds", { maxAge: 1500 }, { ageSeconds: 2 }]
])("the files of a log: %s", (_, more, told) => {
  const plain = { folder: "/l", fileBytes: 4096, files: 4, totalBytes: 0, ageSeconds: 0, whenFull: "drop" }
  expect(logFilesOf("/l", { ...logs, ...more })).toEqual({ ...plain, ...told })
})
