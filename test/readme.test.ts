/**
 * Checks the documents. Every command is run, and its output must begin with the lines below it (except times and
 * pids); every tree is decoded; every program is run; every link leads somewhere.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify, stripVTControlCharacters } from "node:util"
import { afterAll, describe, expect, it } from "vitest"
import { keeperProgram } from "../src/leaf/keeper/program.ts"
import { hasTmux, needsTmux, Tmux } from "./cli/Tmux.ts"
import { eventually, isThere } from "./runtime/processes.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const bin = join(root, "node_modules/.bin")
const env = {
  ...process.env,
  PATH: `${bin}:${process.env.PATH}`,
  NO_COLOR: "1",
  npm_config_progress: "false",
  npm_config_loglevel: "error",
  RBEE_WORD_MS: "1" // faster answers with the same words
}
const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"))
const shipped = readdirSync(join(root, "supervisors"))
const documents = [
  ...["README.md", "CONTRIBUTING.md"],
  ...pages.map((name) => `docs/${name}`),
  ...shipped.map((name) => `supervisors/${name}/README.md`)
]
const textOf = (document: string): string => readFileSync(join(root, document), "utf8")

const blocks = documents.flatMap((document) => {
  return [...textOf(document).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", body = ""]) => ({
    document,
    language,
    body
  }))
})
const of = (language: string) => blocks.filter((block) => block.language === language)

/** Inside the project, so that `supervise` and `effect` resolve as in its own files. */
const lab = mkdtempSync(join(root, ".supervise-readme-"))
afterAll(() => rmSync(lab, { recursive: true, force: true }))

/** Replaces what differs from run to run, and from machine to machine. */
const plain = (line: string): string =>
  line
    .replace(/^Spawner: .*$/, "Spawner")
    .replace(/\d\d:\d\d:\d\d\.\d{3}/g, "TIME")
    .replace(/\d{4}-\d\d-\d\dT[^"]*Z/g, "TIME")
    .replace(/pid \d+/g, "pid N")
    .replace(/ up( after \d+(\.\d+)?m?s)?$/, " up")
    .replace(/"pid":\d+/, '"pid":N')
    .replace(/(\b(?:for|after|up) )\d+(?:\.\d+)?m?s(?=[.,)]|$)|\d+(?:\.\d+)?m?s(?= ago)/g, "$1SPAN")
    .replace(/ {2,}/g, " ")
    .replace(/\b\d+\.\d\ds\b/g, "SPAN")
    .replace(/\b\d+(\.\d)? [KMG]iB\b/g, "SIZE")
    .replace(/\b\d+[dhms]( \d\d[hms])?\b/g, "SPAN")
    .replace(/ up \d+ (?=(\d+ )?SPAN)/, " up N ")
    .trimEnd()

/** Runs a command in a terminal until it has printed this many lines, or has ended; then sends Ctrl-C. */
async function firstLines(command: string, count: number): Promise<ReadonlyArray<string>> {
  const child = spawn("script", ["-qfec", command, "/dev/null"], { cwd: root, env })
  child.stdin.on("error", () => {}) // it may have ended by then
  let text = ""
  let interrupted = false
  const lines = () => stripVTControlCharacters(text).split(/\r?\n/).slice(0, -1)
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString()
    if (interrupted || lines().length < count) return
    interrupted = true
    child.stdin.write("\x03")
  })
  await new Promise((done) => child.on("close", done))
  return lines().slice(0, count)
}

/** What a terminal of just the right height shows once its last line is there. */
async function screen(command: string, lines: number): Promise<ReadonlyArray<string>> {
  const folder = mkdtempSync(join(lab, "screen-"))
  cpSync(join(root, "examples"), join(folder, "examples"), { recursive: true })
  const terminal = new Tmux(folder, `cd '${folder}'; ${command}`, { columns: 80, rows: lines + 8, env })
  try {
    const shown = await eventually("two ticks are seen", () => {
      const seen = terminal.screen()
      return seen.some((line) => line.endsWith("tick 2")) && seen.some((line) => / up +\d+ +2s /.test(line)) ? seen : undefined
    })
    return shown.slice(0, lines)
  } finally {
    terminal.press("C-c")
    await eventually("it has ended", () => terminal.screen().some((line) => line.startsWith("ended with")))
    terminal.close()
  }
}

/** Blocks of several commands: sessions while a tree is running. */
const sessions = of("console").filter(({ body }) => (body.match(/^\$ /gm) ?? []).length > 1)

/** What a command needs and is not there, and how it is had. */
const needs = (body: string): string | undefined => {
  if (/^\$ curl/m.test(body) && !isThere("curl")) return "curl (apt-get install curl)"
  return body.includes("--spawner keeper") && keeperProgram() instanceof Error ? "keeper (npm run keeper)" : undefined
}

describe("the commands in the documents print the lines below them", () => {
  for (const { document, body } of of("console").filter((block) => !sessions.includes(block))) {
    const [first = "", ...expected] = body.trimEnd().split("\n")
    const inPlace = /^\$ npx supervise \S+\.ts$/.test(first)
    const missing = inPlace && !hasTmux ? needsTmux : needs(body) && `There is no ${needs(body)}.`
    const left = missing !== undefined && process.env.REQUIRE_ALL !== "1"
    if (left) console.log(`Left out: ${document}, ${first}. ${missing}`)
    it.skipIf(left)(`${document}: ${first}`, async () => {
      expect(first.startsWith("$ ")).toBe(true)
      const printed = inPlace ? await screen(first.slice(2), expected.length) : await firstLines(first.slice(2), expected.length)
      expect(printed.map(plain)).toEqual(expected.map(plain))
    })
  }
})

describe("the sessions in the documents go as shown", () => {
  for (const [n, { document, body }] of sessions.entries()) {
    const missing = process.env.REQUIRE_ALL === "1" ? undefined : needs(body)
    if (missing !== undefined) console.log(`Left out: a session of ${document}, as there is no ${missing}.`)
    it.skipIf(missing !== undefined)(`${document}: session ${n + 1}`, async () => {
      const home = mkdtempSync(join(lab, "session-"))
      // Without what other runs have left there, such as logs.
      cpSync(join(root, "examples"), join(home, "examples"), { recursive: true, filter: (path) => basename(path) !== ".supervise" })
      const steps = body
        .split(/^\$ /m)
        .slice(1)
        .map((step) => step.trimEnd().split("\n"))
      const [first] = steps[0]!
      let folder = home
      // A session that begins by changing into a folder is about the tree of that folder.
      const background = first!.startsWith("cd ") ? [await runningTree(`npx supervise tree.ts`, join(home, first!.slice(3)))] : []
      for (const [command = "", ...expected] of steps) {
        if (command.startsWith("cd ")) folder = join(folder, command.slice(3))
        else if (command.endsWith(" &")) background.push(await runningTree(command.slice(0, -2), folder))
        else expect((await answer(command, folder)).map(plain), command).toEqual(expected.map(plain))
      }
      for (const tree of background) if (tree.exitCode === null) await once(tree, "exit")
    })
  }
})

/**
 * The commands in the READMEs of the shipped trees, except those that run until they are stopped; and what the tree
 * then prints.
 */
const questions = shipped.flatMap((name) => {
  const text = textOf(`supervisors/${name}/README.md`)
  const commands = [...text.matchAll(/^(?:npx node (?!.* watch\b)|curl |echo )[^#\n]*/gm)].map(([command]) => command.trim())
  const asked = commands.filter((command) => needs(`$ ${command}`) === undefined || process.env.REQUIRE_ALL === "1")
  return asked.length === 0 ? [] : [{ name, asked, prints: /^It prints `([^`…]+)/m.exec(text)?.[1] }]
})

describe("the shipped trees answer the commands of their READMEs", () => {
  it.for(questions)("$name", async ({ name, asked, prints = "" }) => {
    const home = mkdtempSync(join(lab, "asked-"))
    cpSync(join(root, "supervisors", name), join(home, "supervisors", name), { recursive: true })
    const tree = await runningTree(`npx supervise supervisors/${name}/tree.ts`, home)
    let printed = ""
    tree.stdout?.on("data", (chunk: Buffer) => (printed += chunk))
    try {
      for (const command of asked) {
        // A service that has just been deployed may take a moment to answer.
        const asking = command.startsWith("curl ") ? `${command} --fail --silent --show-error --retry 10 --retry-connrefused` : command
        const { stdout } = await promisify(execFile)("sh", ["-c", asking], { cwd: home, env })
        if (!command.includes(">")) expect(stdout, command).not.toBe("")
      }
      await eventually(`it prints ${prints}`, () => printed.includes(prints))
    } finally {
      expect(await answer(`npx supervise stop --state supervisors/${name}/.supervise`, home)).toEqual([
        expect.stringMatching(/ is down\.$/)
      ])
      if (tree.exitCode === null) await once(tree, "exit")
    }
  })
})

const answer = async (command: string, cwd: string): Promise<ReadonlyArray<string>> => {
  const { stdout } = await promisify(execFile)("sh", ["-c", `{ ${command}; } 2>&1 || true`], { cwd, env })
  return stdout.trimEnd().split("\n")
}

/** A tree in the background, started and up. Its session stops it. */
const runningTree = async (command: string, cwd: string): Promise<ChildProcess> => {
  const tree = spawn("sh", ["-c", `exec ${command}`], { cwd, env, stdio: ["ignore", "pipe", "inherit"] })
  let text = ""
  await new Promise<void>((up, fail) => {
    tree.once("exit", () => fail(new Error(`${command} has ended: ${text}`)))
    tree.stdout.on("data", (chunk: Buffer) => {
      text += chunk
      if (/"event":"Started","path":"\/\w+",/.test(text)) up()
    })
  })
  return tree
}

/** What a program should print: the block of text below it. */
const below = (block: (typeof blocks)[number]): string | undefined => {
  const next = blocks[blocks.indexOf(block) + 1]
  return next?.document === block.document && next.language === "text" ? next.body : undefined
}
const isTree = (body: string): boolean => body.includes("export default")
const isTest = (body: string): boolean => /from "(@effect\/)?vitest"/.test(body)

describe("the programs in the documents run", () => {
  for (const [n, block] of of("ts").entries()) {
    const { document, body } = block
    if (isTest(body)) continue
    it(`${document}: ${isTree(body) ? "tree" : "program"} ${n + 1}`, async () => {
      const file = join(lab, `block${n}.ts`)
      writeFileSync(file, body)
      const command = isTree(body) ? [join(root, "bin/supervise.js"), "check", file] : [file]
      const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: lab, env })
      const said = below(block)
      if (said === undefined) expect(stdout.split("\n")[0]).toMatch(isTree(body) ? /supervisor/ : /incarnation 2/)
      else expect(stdout).toBe(said)
    })
  }

  it("and the tests in them pass", async () => {
    const tests = of("ts").filter(({ body }) => isTest(body))
    const folder = mkdtempSync(join(root, "test/.supervise-readme-"))
    try {
      for (const [n, { body }] of tests.entries()) writeFileSync(join(folder, `block${n}.test.ts`), body)
      const { stdout } = await promisify(execFile)("vitest", ["run", folder], { cwd: root, env })
      expect(stripVTControlCharacters(stdout)).toMatch(new RegExp(`Tests +${tests.length} passed`))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe("the documents contain nothing that is not run", () => {
  it("every other block is a command of the README itself, a program of the heartbeat test, or a sketch", () => {
    const others = blocks.filter(
      (block) => !["ts", "console"].includes(block.language) && !of("ts").some((program) => below(program) === block.body)
    )
    const sketches = others.filter(({ document, language }) => language === "" && document.startsWith("supervisors/"))
    expect(sketches.length).toBe(2 * shipped.length) // the tree, and how to run it, which is run above
    const rest = others.filter((block) => !sketches.includes(block))
    expect(rest.map(({ document, language, body }) => `${document} ${language}: ${body.trim().split("\n")[0]}`)).toMatchInlineSnapshot(`
      [
        "README.md sh: npm ci && npx supervise supervisors/mister-smith/tree.ts",
        "README.md sh: npm ci && npm test",
        "README.md sh: npm run build && npm pack ./dist",
        "README.md sh: cp -r node_modules/supervise/examples . && npx supervise examples/hello/tree.ts",
        "CONTRIBUTING.md : npm ci                                   # brings its own Node, which everything below uses, and builds dist/ and the keeper",
        "CONTRIBUTING.md : npm version minor        # on a clean main where .ci/run has passed; writes package.json, commits and tags",
        "docs/heartbeats.md js: import { beat, ready } from "supervise/notify"",
        "docs/heartbeats.md sh: trap '' PIPE",
        "docs/heartbeats.md python: import os, time",
        "docs/heartbeats.md c: #include <fcntl.h>",
      ]
    `)
  })

  it("the two commands of the README are what CI runs", () => {
    const ci = readFileSync(join(root, ".ci/run"), "utf8")
    const gate = of("sh").filter(({ body }) => body.startsWith("npm ci"))
    expect(gate).toHaveLength(2)
    for (const { body } of gate) for (const part of body.trim().split(" && ")) expect(ci).toContain(part)
  })
})

/** The anchor of a heading: lower case, without punctuation, spaces as hyphens. */
const anchors = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-")
  )
const withoutBlocks = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, "")

describe("the documents can be read", () => {
  it("every link leads to a file, and to a heading in it", () => {
    const broken = documents.flatMap((document) =>
      [...withoutBlocks(textOf(document)).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(([link, path = "", anchor]) => {
        const target = path === "" ? document : join(dirname(document), path)
        if (!existsSync(join(root, target))) return [`${document}: ${link}`]
        return anchor === undefined || anchors(textOf(target)).includes(anchor) ? [] : [`${document}: ${link}`]
      })
    )
    expect(broken).toEqual([])
  })

  it("the index names every page", () => {
    const index = textOf("docs/README.md")
    expect(pages.filter((name) => name !== "README.md" && !index.includes(`](${name})`))).toEqual([])
  })

  it("no line of prose is longer than 120 columns", () => {
    const long = documents.flatMap((document) =>
      withoutBlocks(textOf(document))
        .split("\n")
        .filter((line) => line.length > 120 && !/^(\||#|!\[)/.test(line))
        .map((line) => `${document}: ${line.slice(0, 60)}…`)
    )
    expect(long).toEqual([])
  })
})
