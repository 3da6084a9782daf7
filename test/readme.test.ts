/**
 * What the documents show is true: every command is run, and what stands below it is what it prints, from its first line on (times and
 * pids apart); every tree is decoded; every program is run.
 */
import { execFile, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify, stripVTControlCharacters } from "node:util"
import { afterAll, describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("..", import.meta.url))
const bin = join(root, "node_modules/.bin")
const env = {
  ...process.env,
  PATH: `${bin}:${process.env.PATH}`,
  NO_COLOR: "1",
  npm_config_progress: "false",
  npm_config_loglevel: "error"
}
const documents = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`), "supervisors/mister-smith/README.md"]

const blocks = documents.flatMap((document) => {
  const text = readFileSync(join(root, document), "utf8")
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", body = ""]) => ({ document, language, body }))
})
const of = (language: string) => blocks.filter((block) => block.language === language)

/** Below the project's own folder, so that `supervise` and `effect` are found as by its own files. */
const lab = mkdtempSync(join(root, ".supervise-readme-"))
afterAll(() => rmSync(lab, { recursive: true, force: true }))

/** Leaves out what is another each time. */
const plain = (line: string): string =>
  line
    .replace(/\d\d:\d\d:\d\d\.\d{3}/g, "TIME")
    .replace(/\d{4}-\d\d-\d\dT[^"]*Z/g, "TIME")
    .replace(/pid \d+/g, "pid N")
    .replace(/ up( after \d+(\.\d+)?m?s)?$/, " up")
    .trimEnd()

/** Runs a command in a terminal until it has printed so many lines, or has ended; then it gets a Ctrl-C. */
async function firstLines(command: string, count: number): Promise<ReadonlyArray<string>> {
  const child = spawn("script", ["-qfec", command, "/dev/null"], { cwd: root, env })
  child.stdin.on("error", () => {}) // it may be gone when we tell it to go
  let text = ""
  let told = false
  const lines = () => stripVTControlCharacters(text).split(/\r?\n/).slice(0, -1)
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString()
    if (told || lines().length < count) return
    told = true
    child.stdin.write("\x03")
  })
  await new Promise((done) => child.on("close", done))
  return lines().slice(0, count)
}

describe("the commands in the documents print what stands below them", () => {
  for (const { document, body } of of("console")) {
    const [first = "", ...expected] = body.trimEnd().split("\n")
    it(`${document}: ${first}`, async () => {
      expect(first.startsWith("$ ")).toBe(true)
      const printed = await firstLines(first.slice(2), expected.length)
      expect(printed.map(plain)).toEqual(expected.map(plain))
    })
  }
})

describe("the programs in the documents run", () => {
  for (const [n, { document, body }] of of("ts").entries()) {
    const isTree = body.includes("export default")
    it(`${document}: ${isTree ? "tree" : "program"} ${n + 1}`, async () => {
      const file = join(lab, `block${n}.ts`)
      writeFileSync(file, body)
      const command = isTree ? [join(root, "bin/supervise.js"), "check", file] : [file]
      const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root, env })
      expect(stdout.split("\n")[0]).toMatch(isTree ? /supervisor/ : /life number 2/)
    })
  }
})

describe("the documents show nothing that is not run", () => {
  it("every block is a tree, a program, a command with its output, or one of the two commands of the gate", () => {
    const others = blocks.filter(({ language }) => !["ts", "console"].includes(language))
    expect(others.map(({ document, language, body }) => `${document} ${language}: ${body.trim().split("\n")[0]}`)).toMatchInlineSnapshot(`
      [
        "README.md sh: npm ci && npx supervise supervisors/mister-smith/tree.ts",
        "README.md sh: npm ci && npm test",
        "supervisors/mister-smith/README.md : RootSupervisor              OneForOne",
        "supervisors/mister-smith/README.md : npx supervise supervisors/mister-smith/tree.ts",
      ]
    `)
  })

  it("the two commands of the README are what CI runs", () => {
    const ci = readFileSync(join(root, ".ci/run"), "utf8")
    for (const { body } of of("sh")) for (const part of body.trim().split(" && ")) expect(ci).toContain(part)
  })
})
