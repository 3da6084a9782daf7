/** Every invalid tree file gets its sentence on stderr, and exit code 65. */
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { isDeepStrictEqual } from "node:util"
import { afterAll, expect, it } from "vitest"
import { cases, sayCase } from "./badTrees.ts"
import { files, folder } from "./brokenFiles.ts"

const bin = fileURLToPath(new URL("../../bin/supervise.js", import.meta.url))
const lab = mkdtempSync(join(tmpdir(), "supervise-exit65-"))
afterAll(() => rmSync(lab, { recursive: true, force: true }))
/** The same program is started often; keeping what Node compiled halves its start. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(lab, "compiled") }

/** How many invalid trees are run; `badTrees.test.ts` has all of them, without a process for each. */
const MAX_WRITTEN = 25
const isJson = (tree: unknown): boolean => typeof tree === "object" && isDeepStrictEqual(JSON.parse(JSON.stringify(tree)), tree)
const written = cases
  .slice(0, MAX_WRITTEN)
  .filter(([, tree]) => isJson(tree))
  .map((one, i) => {
    const file = join(lab, String(i), "tree.json")
    mkdirSync(join(lab, String(i)))
    writeFileSync(file, JSON.stringify(one[1]))
    return [one[0], file, sayCase(file, one)] as const
  })

const broken = files.map(
  ([file, because]) => [file, join(folder, file), `${join(folder, file)} is not a tree I can run: ${because}`] as const
)

it("are at least fifty", () => expect(broken.length + written.length).toBeGreaterThanOrEqual(50))

it.concurrent.each([...broken, ...written])("says what is wrong with %s on stderr, and exits with 65", async (_, file, sentence) => {
  const { status, stdout, stderr } = await supervise(file)
  // Some sentences name another file of the folder, with or without it.
  const normalised = (text: string): string => text.replaceAll(`${folder}/`, "").trimEnd()
  expect({ status, stdout, stderr: normalised(stderr) }).toEqual({ status: 65, stdout: "", stderr: normalised(sentence) })
})

const supervise = (file: string) =>
  new Promise<{ readonly status: unknown; readonly stdout: string; readonly stderr: string }>((done) => {
    execFile(process.execPath, [bin, file], { env }, (error, stdout, stderr) =>
      done({ status: error === null ? 0 : error.code, stdout, stderr })
    )
  })
