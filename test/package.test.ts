/** The published package: built, packed and installed as the README says, in a project without any of our files. */
import { execFile, execFileSync } from "node:child_process"
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join, resolve } from "node:path"
import { promisify } from "node:util"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import { supervisor, worker } from "supervise"
import { afterAll, beforeAll, expect, it } from "vitest"
import { lacksPrebuilt } from "./keeper/prebuilt.ts"
import { Running, treeFile } from "./runtime/command.ts"
import { commandOf, living, signal, temporaryFolder } from "./runtime/processes.ts"
import { nothingNamesAMachine } from "./tidy/rules.ts"

const root = resolve(import.meta.dirname, "..")
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

/** Of the archive. It was 1,030 KiB when this was written, 166 of them the keepers; a higher limit needs a reason. */
const MAX_SIZE = 1280 * 1024

/** It is built for two architectures, on a machine that may be busy. */
const BUILT_WITHIN_MS = 300_000

/** The package has no access to the repository or its `node_modules`. Only Node and the tools come from there. */
const lab = mkdtempSync(join(tmpdir(), "supervise-package-"))
const clone = join(lab, "supervise")
const built = join(clone, "dist")
const project = join(lab, "my-project")
const bin = join(project, "node_modules/.bin/supervise")
const archive = join(clone, `supervise-${manifest.version}.tgz`)
const env = {
  ...process.env,
  PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}`,
  npm_config_prefer_offline: "true" // the same packages were just installed for the repository
}
let listed: { readonly size: number; readonly files: ReadonlyArray<{ readonly path: string }> }

const call = (command: string, args: ReadonlyArray<string>, cwd = lab) => promisify(execFile)(command, args, { cwd, env })
const running = (command: string, args: ReadonlyArray<string>, cwd: string) => new Running(command, args, { cwd, env })
const text = (path: string) => readFileSync(join(built, path), "utf8")

beforeAll(async () => {
  for (const path of execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root })
    .toString()
    .split("\n")) {
    if (path !== "" && existsSync(join(root, path))) cpSync(join(root, path), join(clone, path))
  }
  symlinkSync(join(root, "node_modules"), join(clone, "node_modules"))
  const [making, examples] = shell("In your own project")
  await call("sh", ["-ec", making!], clone)
  await call("npm", ["install", `fast-check@${manifest.devDependencies["fast-check"]}`], project)
  await call("sh", ["-ec", examples!.split(" && ")[0]!], project)
  // In the same folder, where the first archive already is: it must not get into the second.
  await call("npm", ["pack"], built)
  listed = JSON.parse((await call("npm", ["pack", "--json"], built)).stdout)[0]
}, BUILT_WITHIN_MS)

/** The commands of this section of the README. */
const shell = (section: string): ReadonlyArray<string> => {
  const text = readFileSync(join(root, "README.md"), "utf8").split(`\n## ${section}\n`)[1]!.split("\n## ")[0]!
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, body]) => body!)
}
afterAll(() => rmSync(lab, { recursive: true, force: true }))

it("contains nothing that does not belong there", () => {
  const paths = listed.files.map(({ path }) => path)
  const belongs =
    /^(package\.json|LICENSE|README\.md|bin\/([\w-]+\.js|LICENSES\.md)|lib\/[\w/-]+(\.c?js|\.d\.c?ts)|keeper\/bin\/(keeper-(x64|arm64)|LICENSE-musl)|docs\/[\w-]+\.\w+|examples\/\w+\/[\w.]+\.[jt]s)$/
  expect(paths.filter((path) => !belongs.test(path))).toEqual([])
  expect(paths.filter((path) => text(path).includes(root) || text(path).includes(lab))).toEqual([])
  const ours = paths.filter((path) => !path.startsWith("bin/"))
  expect(nothingNamesAMachine(new Map(ours.map((path) => [path, text(path)])))).toEqual([])
  expect(listed.size).toBeLessThan(MAX_SIZE)
})

it("has the manifest of the repository, and needs no more than the library imports", () => {
  const { dependencies, exports, ...published } = JSON.parse(text("package.json"))
  expect(published).toMatchObject({ name: manifest.name, version: manifest.version, license: manifest.license, engines: manifest.engines })
  expect(["private", "scripts", "devDependencies"].filter((field) => field in published)).toEqual([])
  expect(Object.keys(exports)).toEqual(Object.keys(manifest.exports))
  expect(manifest.dependencies).toMatchObject(dependencies)
  expect(Object.keys(dependencies)).toContain("effect")
  expect(Object.keys(dependencies)).not.toContain("log-update")
  expect(text("bin/LICENSES.md")).toMatch(/^## effect \d.*\n\nMIT License/m)
})

it("has a README without anything that only a clone has", () => {
  const readme = text("README.md")
  expect(readme).not.toContain("only in a clone")
  const named = [...readme.matchAll(/\b(?:docs|examples|supervisors|test|scripts|src|keeper)\/[\w/.-]*\w|\b[A-Z]+\.md\b/g)].map(
    ([path]) => path
  )
  expect(named).toContain("docs/semantics.md")
  expect(named).toContain("examples/hello/tree.ts")
  expect(named.filter((path) => !existsSync(join(built, path)))).toEqual([])
  expect(readme).not.toMatch(/npm (ci|run|test|publish)/)
})

it("is published from the build alone", async () => {
  expect(manifest.private).toBe(true)
  await expect(call("node", [join(root, "scripts/build.ts"), project])).rejects.toThrow(/already exists/)
})

it("passes publint", async () => {
  const { buffer } = readFileSync(archive)
  const { messages, pkg } = await publint({ pack: { tarball: buffer as ArrayBuffer }, strict: true })
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
})

it("resolves in TypeScript wherever an ES module may import it", async () => {
  const { stdout } = await call("attw", [archive, "--profile", "esm-only", "--format", "json"])
  const { analysis, problems } = JSON.parse(stdout)
  expect(Object.keys(analysis.entrypoints)).toEqual(Object.keys(manifest.exports))
  const told = Object.values<ReadonlyArray<{ readonly resolutionKind?: string }>>(problems).flat()
  expect(told.filter(({ resolutionKind }) => !notForModules.has(String(resolutionKind)))).toEqual([])
})

const notForModules = new Set(["node10", "node16-cjs"])

it("has types, and a misspelt key is an error", async () => {
  const consumer = join(project, "consumer")
  mkdirSync(consumer)
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ type: "module" }))
  writeFileSync(join(consumer, "right.ts"), right)
  writeFileSync(join(consumer, "misspelt.ts"), right.replace("restart:", "restrat:"))
  // The libraries are checked too; with the DOM, which is TypeScript's default, because Effect's types mention it.
  const strict = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2024", "--skipLibCheck", "false", "--types", ""]
  await call("tsc", [...strict, "right.ts"], consumer)
  const wrong = await call("tsc", [...strict, "misspelt.ts"], consumer).catch((error) => error)
  expect(wrong.stdout.trim().split("\n")).toEqual([expect.stringMatching(/^misspelt\.ts\(5,.*'restrat' does not exist in type/)])
})
const right = `import { type NotRun, pool, run, type RunningTree, start, supervisor, type TreeSpec, worker } from "supervise"
import type { Effect } from "effect"
const tree: TreeSpec = supervisor({
  id: "root",
  children: [worker({ id: "web", start: ["web"], restart: "transient" }), pool({ id: "jobs", size: 2, child: worker({ id: "job", start: ["job"] }) })]
})
export const promised: Promise<RunningTree> = start(tree)
export const failing: NotRun | undefined = undefined
export const effect: Effect.Effect<unknown, NotRun, any> = run(tree)
`

it("has an example with fast-check that compiles in a project as npm and TypeScript make it", async () => {
  const [, example = ""] = /^```ts\n(import \* as fc from "fast-check"\n.*?)^```/ms.exec(text("docs/testing.md")) ?? []
  const fresh = join(project, "fresh")
  mkdirSync(join(fresh, "node_modules"), { recursive: true })
  symlinkSync(join(root, "node_modules/vitest"), join(fresh, "node_modules/vitest"))
  await call("npm", ["init", "--yes"], fresh)
  await call("tsc", ["--init"], fresh)
  writeFileSync(join(fresh, "shop.test.mts"), example)
  await call("tsc", ["--noEmit"], fresh)
  // In a CommonJS module, where TypeScript's own settings allow no import, everything else fits, too.
  writeFileSync(join(fresh, "shop.test.ts"), example)
  await call("tsc", ["--noEmit", "--verbatimModuleSyntax", "false"], fresh)
})

it("is a library for programs", async () => {
  const program = `
    import { start, supervisor, worker } from "supervise"
    const tree = await start(supervisor({ id: "root", children: [worker({ id: "sleeper", start: ["sleep", "1000"] })] }))
    const { incarnation } = await tree.restart("/root/sleeper")
    await tree.stop()
    console.log(incarnation)
  `
  expect((await call("node", ["--input-type=module", "--eval", program], project)).stdout).toBe("2\n")
  for (const face of Object.keys(manifest.exports).map((path) => path.replace(/^\./, manifest.name))) {
    await call("node", ["--input-type=module", "--eval", `import "${face}"`], project)
  }
  const inCommon = `const fc = require("fast-check"); console.log(fc.sample(require("supervise/testing/fast-check").tree, 3).length)`
  expect((await call("node", ["--input-type=commonjs", "--eval", inCommon], project)).stdout).toBe("3\n")
})

it("is a command: it prints its version, and advice on an old Node", async () => {
  expect((await call(bin, ["--version"])).stdout).toBe(`supervise v${manifest.version}\n`)
  const pretended = running("node", ["--import", join(root, "test/fixtures/cli/oldNode.mjs"), bin, "--version"], lab)
  expect(await pretended.code).toBe(70)
  expect(pretended.stderr).toMatch(/^supervise needs Node 24 or newer and runs on v20\.20\.2\. .*\n$/)
  for (const node of ["/usr/bin/node", "/usr/local/bin/node"].filter((path) => existsSync(path))) {
    const { stdout: version } = await call(node, ["--version"])
    if (Number(/\d+/.exec(version)?.[0]) >= 24) continue
    const old = running(node, [bin, "--version"], lab)
    expect(await old.code).toBe(70)
    expect(old.stderr).toContain(`needs Node 24 or newer and runs on ${version.trim()}`)
  }
})

/** Runs the example until a killed worker is back, and stops it. */
async function heals(command: string, args: ReadonlyArray<string>, folder: string): Promise<void> {
  const tree = running(command, [...args, "examples/hello/tree.ts"], folder)
  const { pid } = await tree.event("Spawned", "/hello/clock")
  await tree.event("Started", "/hello")
  expect(living("/hello/clock").map((seen) => seen.pid)).toEqual([pid])
  signal(pid!, "SIGKILL")
  const again = await tree.event("Spawned", "/hello/clock", ({ incarnation }) => incarnation === 2)
  expect(living("/hello/clock").map((seen) => seen.pid)).toEqual([again.pid])
  // The command itself: npm passes a SIGINT that only it receives to a shell, which does not pass it on.
  const [ours] = living().filter((seen) => / \S*bin\/supervise( |$)/.test(commandOf(seen.pid)))
  signal(ours!.pid, "SIGINT")
  expect(await tree.code).toBe(0)
  expect(living()).toEqual([])
}

it("runs a tree within a project, by npx", () => heals("npx", ["--no", "supervise"], project))

it("runs a tree in a folder that has no node_modules", () => {
  const folder = temporaryFolder()
  cpSync(join(project, "examples"), join(folder, "examples"), { recursive: true })
  return heals(bin, [], folder)
})

it.skipIf(lacksPrebuilt)("has a keeper for each architecture, and runs a tree on it", async () => {
  const keepers = listed.files.map(({ path }) => path).filter((path) => path.startsWith("keeper/"))
  expect(keepers.sort()).toEqual(["keeper/bin/LICENSE-musl", "keeper/bin/keeper-arm64", "keeper/bin/keeper-x64"])
  const folder = join(lab, "empty")
  mkdirSync(folder)
  await call("npm", ["install", archive], folder)
  const installed = join(folder, "node_modules/supervise")
  cpSync(join(installed, "examples/hello"), folder, { recursive: true })
  const tree = running(join(folder, "node_modules/.bin/supervise"), ["--spawner", "keeper", "tree.ts"], folder)
  const { pid } = await tree.event("Spawned", "/hello/clock")
  const parent = Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1])
  expect(readlinkSync(`/proc/${parent}/exe`)).toBe(realpathSync(join(installed, `keeper/bin/keeper-${process.arch}`)))
  tree.kill("SIGINT")
  expect(await tree.code).toBe(0)
  expect(living()).toEqual([])
})

/** The files that a call loads, after the program that loads them: the command, or the evaluator of tree files. */
async function loadedBy(command: string, ...args: ReadonlyArray<string>): Promise<ReadonlyArray<string>> {
  const LOADED = join(temporaryFolder(), "loaded")
  const NODE_OPTIONS = `--import ${join(root, "test/fixtures/package/loaded.mjs")}`
  await promisify(execFile)(command, args, { cwd: lab, env: { ...env, LOADED, NODE_OPTIONS } })
  return readFileSync(LOADED, "utf8").trim().split("\n")
}
const loaded = (...args: ReadonlyArray<string>) => loadedBy(bin, ...args)

it("evaluates a tree file without Effect", async () => {
  const folder = temporaryFolder()
  cpSync(join(root, "examples/hello"), folder, { recursive: true })
  const files = await loaded("check", join(folder, "tree.ts"))
  expect(files.filter((line) => line.startsWith("evaluatorProcess.js ") && !line.includes(" node:"))).toEqual([
    "evaluatorProcess.js evaluatorProcess.js",
    "evaluatorProcess.js tree.ts"
  ])
  const effect = /["`]~effect\/\w/ // Effect marks its own values with such names
  expect(readdirSync(join(built, "bin")).filter((name) => effect.test(text(`bin/${name}`)))).toContain("main.js")
  expect(text("bin/evaluatorProcess.js")).not.toMatch(effect)
})

it("loads the live view, the control API and HTTP only when they are used", async () => {
  const chunks = readdirSync(join(built, "bin")).filter((name) => name.endsWith(".js"))
  const having = (pattern: RegExp) => chunks.filter((chunk) => pattern.test(text(`bin/${chunk}`)))
  const view = having(/function createLogUpdate\b/)
  const api = having(/~effect\/http\/HttpRouter\b/)
  expect(view).not.toEqual([])
  expect(api).not.toEqual([])
  const of = (files: ReadonlyArray<string>) => files.filter((line) => line.startsWith("supervise")).map((line) => line.split(" ")[1])

  const help = of(await loaded("--help"))
  expect(help).toContain("main.js")
  expect([...view, ...api, "node:http", "node:https"].filter((part) => help.includes(part))).toEqual([])
  const job = worker({ id: "job", start: ["true"], restart: "temporary", significant: true })
  const ends = treeFile(supervisor({ id: "ends", autoShutdown: "anySignificant", children: [job] }))
  const withoutTerminal = of(await loaded(ends))
  expect(withoutTerminal).toContain("main.js")
  expect([...view, "node:http", "node:https"].filter((part) => withoutTerminal.includes(part))).toEqual([])
})

it("is what a clone runs, until a source is newer than it, is added or removed", async () => {
  const starts = async () => {
    const files = await loadedBy(join(clone, "bin/supervise.js"), "--help")
    return ["main.js", "main.ts"].filter((name) => files.includes(`supervise.js ${name}`))
  }
  /** As after a build: all that it has come from is older. */
  const isBuilt = async () => {
    utimesSync(join(built, "package.json"), new Date(), new Date())
    expect(await starts()).toEqual(["main.js"])
  }
  await isBuilt()
  for (const source of ["src/core/Supervisor.ts", "package.json", "bin/program.js"]) {
    appendFileSync(join(clone, source), "\n")
    expect(await starts()).toEqual(["main.ts"])
    await isBuilt()
  }
  const added = join(clone, "src/core/added.ts")
  writeFileSync(added, "")
  utimesSync(added, 0, 0)
  expect(await starts()).toEqual(["main.ts"])
  await isBuilt()
  rmSync(added)
  expect(await starts()).toEqual(["main.ts"])
  await isBuilt()
  rmSync(join(built, "package.json")) // it is written last
  expect(await starts()).toEqual(["main.ts"])
})
