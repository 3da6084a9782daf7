/** A command loads what it needs: the source of a running tree is not part of a look at one. */
import { readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { expect, it } from "vitest"
import { Running, supervise } from "../runtime/command.ts"
import { temporaryFolder } from "../runtime/processes.ts"

const hook = resolve(import.meta.dirname, "../fixtures/package/loaded.mjs")
const program = resolve(import.meta.dirname, "../../bin/program.js")

/** The names of the sources that a call loads. */
async function loadedBy(args: ReadonlyArray<string>, code: number): Promise<ReadonlyArray<string>> {
  const LOADED = join(temporaryFolder(), "loaded")
  const env = { ...process.env, LOADED, NODE_OPTIONS: `--import ${hook}` }
  const running = new Running(process.execPath, [program, ...args], { cwd: temporaryFolder(), env })
  expect(await running.code).toBe(code)
  return readFileSync(LOADED, "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
}

it.each([
  ["to show the manual", ["--help"], 0, "main.ts"],
  ["to show a tree that does not run", ["ps"], 69, "connect.ts"]
])("%s, neither the machine nor what decodes and runs a tree is loaded", async (_, args, code, needed) => {
  const files = await loadedBy(args, code)
  expect(files).toContain(needed)
  expect(files.filter((file) => ["Machine.ts", "Supervisor.ts", "decode.ts", "assemble.ts", "simulate.ts"].includes(file))).toEqual([])
})

it("nothing is loaded to say the version", async () => {
  const files = await loadedBy(["--version"], 0)
  expect(files).toContain("program.js")
  expect(files).not.toContain("main.ts")
})

it("offers to run the tree file that is here, and shows the manual where there is none", async () => {
  const folder = temporaryFolder()
  const here = () => supervise([], { cwd: folder })
  const manual = here()
  expect(await manual.code).toBe(64)
  expect(manual.stdout).toContain("USAGE")
  writeFileSync(join(folder, "tree.json"), "{}")
  const offer = here()
  expect(await offer.code).toBe(64)
  expect(offer.stderr).toBe("There is a tree file here; to run it: supervise tree.json\nSee supervise --help.\n")
})
