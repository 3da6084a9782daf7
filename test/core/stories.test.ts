/**
 * The golden stories of `test/scenarios`. `npm run stories` writes them again; commit only differences that you
 * understand.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { folder, storyFiles } from "./stories.ts"
import { tellStory } from "./story.ts"

if (process.env.WRITE === "1") {
  for (const { file, stories } of storyFiles()) {
    const written = stories.map(({ title, body }) => `# ${title}\n${tellStory(body)}\n`)
    writeFileSync(new URL(file, folder), written.join("\n"))
  }
}

for (const { file, stories } of storyFiles()) {
  describe(file, () => {
    for (const { title, body } of stories) it(title, () => expect(tellStory(body)).toBe(body.trimEnd()))
  })
}

describe("the cases of OTP's own test suite", () => {
  /** The table of `suite/README.md`: each case with its file, or with the reason why there is none. */
  const rows = [...readFileSync(new URL("suite/README.md", folder), "utf8").matchAll(/^\| (`[^|]+`) \| (.+) \|$/gm)].flatMap(
    ([, cases = "", where = ""]) => [...cases.matchAll(/`(\w+)`/g)].map(([, name = ""]) => ({ name, where }))
  )
  const present = storyFiles()
    .filter(({ file }) => file.startsWith("suite/"))
    .flatMap(({ file, stories }) => stories.map(({ title }) => ({ file: file.slice("suite/".length), name: title.split(/[:,]/)[0]! })))

  it("are in the table, each once", () => expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length))

  it("are in the files that the table names", () => {
    const claimed = rows.filter(({ where }) => where.endsWith(".txt")).map(({ name, where }) => `${name} ${where}`)
    expect(claimed.sort()).toEqual([...new Set(present.map(({ name, file }) => `${name} ${file}`))].sort())
  })
})
