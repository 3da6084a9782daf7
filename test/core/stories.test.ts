/** The golden stories of `test/scenarios`. `npm run stories` tells them anew; commit only differences you understand. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { tellStory } from "./story.ts"

const folder = new URL("../scenarios/", import.meta.url)

/** A file is a list of stories, each under a line that begins with `# ` and says what it shows. */
const parse = (text: string): ReadonlyArray<{ readonly title: string; readonly body: string }> =>
  text
    .split(/^# /m)
    .slice(1)
    .map((part) => ({ title: part.slice(0, part.indexOf("\n")), body: part.slice(part.indexOf("\n") + 1) }))

for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
  const url = new URL(file, folder)
  if (process.env.WRITE === "1") {
    const told = parse(readFileSync(url, "utf8")).map(({ title, body }) => `# ${title}\n${tellStory(body)}\n`)
    writeFileSync(url, told.join("\n"))
  }
  describe(file, () => {
    for (const { title, body } of parse(readFileSync(url, "utf8"))) it(title, () => expect(tellStory(body)).toBe(body.trimEnd()))
  })
}
