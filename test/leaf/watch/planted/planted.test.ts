/** Each bug that is planted in a copy of the watch is noticed by the law that its entry names: so every law of it is known to be able to fail. */
import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { laws } from "../laws.ts"
import { planted } from "./planted.ts"

const root = resolve(import.meta.dirname, "../../../..")
const healthy = join(root, "src")
/** A broken watch may go round for ever. */
const JUDGING_MAX_MS = 30_000

/** Below the project's own folder, so that what `src` imports is found. */
let lab = ""
beforeAll(() => {
  lab = mkdtempSync(join(root, ".supervise-planted-"))
})
afterAll(() => rmSync(lab, { recursive: true, force: true }))

/** In a process of its own, as a broken watch may do anything. */
const judge = async (folder: string, { source } = /^/): Promise<ReadonlyArray<string>> => {
  const program = join(import.meta.dirname, "judge.ts")
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, `${pathToFileURL(folder)}/`, source], {
      timeout: JUDGING_MAX_MS
    })
    return JSON.parse(stdout)
  } catch (error) {
    if ((error as { readonly killed?: boolean }).killed) return ["does not end"]
    throw error
  }
}

it("nobody complains about the watch as it is", async () => expect(await judge(healthy)).toEqual([]))

it("each has a name and names laws that there are", () => {
  expect(new Set(planted.map(({ name }) => name)).size).toBe(planted.length)
  for (const { law } of planted) expect(laws.filter(({ title }) => law.test(title))).not.toEqual([])
})

describe("a bug planted in the watch is noticed", () => {
  for (const [n, { name, file, from, to, law }] of planted.entries()) {
    it(name, async () => {
      const folder = join(lab, String(n))
      cpSync(healthy, folder, { recursive: true })
      const text = readFileSync(join(folder, file), "utf8")
      expect(text.split(from), `${JSON.stringify(from)} must stand once in ${file}`).toHaveLength(2)
      writeFileSync(
        join(folder, file),
        text.replace(from, () => to)
      )
      expect(await judge(folder, law)).not.toEqual([])
    })
  }
})
