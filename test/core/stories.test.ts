/** The golden stories of `test/scenarios`. `npm run stories` tells them anew; commit only differences you understand. */
import { readFileSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { folder, storyFiles } from "./stories.ts"
import { tellStory } from "./story.ts"

if (process.env.WRITE === "1") {
  for (const { file, stories } of storyFiles()) {
    const told = stories.map(({ title, body }) => `# ${title}\n${tellStory(body)}\n`)
    writeFileSync(new URL(file, folder), told.join("\n"))
  }
}

for (const { file, stories } of storyFiles()) {
  describe(file, () => {
    for (const { title, body } of stories) it(title, () => expect(tellStory(body)).toBe(body.trimEnd()))
  })
}

describe("the cases of OTP's own suite", () => {
  /** The table of `suite/README.md`: the case, and where it is told or why it is not. */
  const rows = [...readFileSync(new URL("suite/README.md", folder), "utf8").matchAll(/^\| (`[^|]+`) \| (.+) \|$/gm)].flatMap(
    ([, cases = "", where = ""]) => [...cases.matchAll(/`(\w+)`/g)].map(([, name = ""]) => ({ name, where }))
  )
  const told = storyFiles()
    .filter(({ file }) => file.startsWith("suite/"))
    .flatMap(({ file, stories }) => stories.map(({ title }) => ({ file: file.slice("suite/".length), name: title.split(/[:,]/)[0]! })))

  it("are all in the table", () => expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length))

  it("are told where the table says so", () => {
    const claimed = rows.filter(({ where }) => where.endsWith(".txt")).map(({ name, where }) => `${name} ${where}`)
    expect(claimed.sort()).toEqual([...new Set(told.map(({ name, file }) => `${name} ${file}`))].sort())
  })
})
