/** The golden stories of `test/scenarios`. A file is a list of stories, each below a title that begins with `# `. */
import { readdirSync, readFileSync } from "node:fs"

export interface Story {
  readonly title: string
  readonly body: string
}

export const folder = new URL("../scenarios/", import.meta.url)

/** All stories, by file. */
export const storyFiles = (): ReadonlyArray<{ readonly file: string; readonly stories: ReadonlyArray<Story> }> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".txt"))
    .sort()
    .map((file) => ({ file, stories: parse(readFileSync(new URL(file, folder), "utf8")) }))

const parse = (text: string): ReadonlyArray<Story> =>
  text
    .split(/^# /m)
    .slice(1)
    .map((part) => ({ title: part.slice(0, part.indexOf("\n")), body: part.slice(part.indexOf("\n") + 1) }))
