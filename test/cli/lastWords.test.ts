/** What is kept of the stderr of workers, for when their tree gives up. */
import { expect, it } from "vitest"
import { LastWords } from "../../src/cli/LastWords.ts"

const says = (words: LastWords, path: string, text: string, stream: "stdout" | "stderr" = "stderr"): void =>
  words.add({ _tag: "Line", path, incarnation: 1, stream, text, continues: false, seq: 1, at: 0 })

it("keeps the last five lines of stderr that are not blank, and the beginning of long ones", () => {
  const words = new LastWords()
  for (const text of ["0", "1", "2", " ", "3", "4"]) says(words, "/a", text)
  says(words, "/a", "not this", "stdout")
  says(words, "/a", "x".repeat(501))
  expect(words.of("/a")).toEqual(["1", "2", "3", "4", `${"x".repeat(500)}…`])
  says(words, "/a", "y".repeat(500))
  expect(words.of("/a").at(-1)).toBe("y".repeat(500))
})

it("forgets who has been silent for longest, beyond a thousand", () => {
  const words = new LastWords()
  for (let n = 0; n <= 1_000; n++) says(words, `/${n}`, "x")
  expect([words.of("/0"), words.of("/1"), words.of("/1000")]).toEqual([[], ["x"], ["x"]])
})
