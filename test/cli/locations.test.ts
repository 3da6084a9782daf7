/**
 * The lines of a tree's nodes: in programs from constructor calls, in literals and JSON from ids, and never by a guess.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { afterEach, beforeEach, expect, it } from "vitest"
import { firstError, literalsInJson } from "../../src/cli/load/jsonLiterals.ts"
import { literalsIn } from "../../src/cli/load/literals.ts"
import { loadTree } from "../../src/cli/load/load.ts"

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "supervise-locations-")))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** `path: file:line key line, …` of each node whose location is known. */
async function locations(name: string, text: string): Promise<Record<string, string>> {
  writeFileSync(join(folder, name), text)
  const { origin } = await Effect.runPromise(loadTree(join(folder, name), { lines: true }))
  const keys = (of: { readonly [key: string]: number }) =>
    Object.entries(of)
      .filter(([key]) => !["id", "type", "start", "children", "child", "size"].includes(key))
      .map(([key, line]) => ` ${key} ${line}`)
  return Object.fromEntries(
    [...origin.places].map(([path, location]) => [
      path,
      `${location.file.slice(folder.length + 1)}:${location.line}${keys(location.keys).join()}`
    ])
  )
}

const imports = 'import { constant, pool, supervisor, worker } from "supervise"\n'

it("of calls: in loops, helpers and other files, among comments, strings, templates and regular expressions", async () => {
  mkdirSync(join(folder, "lib"))
  writeFileSync(join(folder, "lib/web.ts"), `${imports}\nexport const web = worker({\n  id: "web", start: ["web"],\n  needs: [] })\n`)
  const text = `${imports}import { web } from "./lib/web.ts"
// supervisor({ id: "shop", intensity: 1 })
const strategy = "OneForOne" as const
const quote = /["'\`{/]\\/x/.source, half = 4 / 2 / 1
const each = ["a", "b"].map((id) =>
  worker({ id, start: ["sh", "-c", \`echo "\${[{ restart: "}" }].length}\${"{"}" # restart: never\`],
    env: { restart: "x", X: quote },
    /* restart: "temporary", */ restart: "transient" }))
export default supervisor({ id: "shop", "period": "1m",
  strategy, ...{ intensity: half },
  children: [web, ...each, pool({ id: "jobs", size: 1,
    child: supervisor({ id: "inner",
      boot: "retry",
      children: [worker(
        { id: "deep", start: ["x"], backoff: constant({ delay: "1s" }) }), { type: "worker",
        id: "plain", start: ["x"],
        restart: "temporary" } ] }) }) ] })
`
  expect(await locations("tree.ts", text)).toEqual({
    "/shop": "tree.ts:10 period 10, strategy 11",
    "/shop/web": "lib/web.ts:3 needs 5",
    "/shop/a": "tree.ts:7 env 8, restart 9",
    "/shop/b": "tree.ts:7 env 8, restart 9",
    "/shop/jobs": "tree.ts:12",
    "/shop/jobs/inner": "tree.ts:13 boot 14",
    "/shop/jobs/inner/deep": "tree.ts:15 backoff 16",
    "/shop/jobs/inner/plain": "tree.ts:16 restart 18"
  })
})

it("of literals passed on: the line of the call, or of the literal with the id; none if there are several", async () => {
  const text = `${imports}
const known = { id: "known", start: ["x"] as const,
  restart: "transient" as const }
const copied = { ...worker({ id: "copied", start: ["x"] }), restart: "transient" as const }
const made = (id: string) => ({ type: "worker" as const, id, start: ["x"] as const })
const other = [{ id: "twice" }, { id: "twice" }]
export default () => supervisor({
  id: "shop",
  children: [worker(known as never), [{ id: "mapped", start: ["x"] }].map(worker as never)[0]!, copied, made("twice"), made("computed")] as never
})
`
  expect(await locations("tree.mts", text)).toEqual({
    "/shop": "tree.mts:8",
    "/shop/known": "tree.mts:3 restart 4",
    "/shop/mapped": "tree.mts:10",
    "/shop/copied": "tree.mts:5"
  })
})

it("of CommonJS, and of a program that changes stack traces", async () => {
  const text = `const { supervisor, worker } = require("supervise")
Error.prepareStackTrace = () => "mine"
Error.stackTraceLimit = 0
module.exports = supervisor({ id: "shop",
  children: [worker({ id: "web", start: ["x"], env: { TRACE: String(new Error().stack), LIMIT: String(Error.stackTraceLimit) } })] })
`
  expect(await locations("tree.cjs.js", text)).toEqual({ "/shop": "tree.cjs.js:4", "/shop/web": "tree.cjs.js:5 env 5" })
})

it("of JSON: each node by its path of ids, even if an id occurs twice", async () => {
  const text = `\uFEFF{ "$schema": "x", "type": "supervisor",
  "id": "shop",
  "children": [
    { "type": "worker", "id": "a", "start": ["\\"id\\": \\"b\\"", "{"] },
    { "type": "supervisor", "id": "b", "intensity": 3, "children": [
      { "type": "worker", "start": ["x"],
        "restart": "transient", "id": "a" } ] } ] }
`
  expect(await locations("tree.json", text)).toEqual({
    "/shop": "tree.json:1 $schema 1",
    "/shop/a": "tree.json:4",
    "/shop/b": "tree.json:5 intensity 5",
    "/shop/b/a": "tree.json:6 restart 7"
  })
})

it("knows nothing of what is no program, and still reads what only sloppy CommonJS may do", () => {
  for (const text of ["{", "}", "`${", "/[", "a: {b", "}}}})]`", `${"[".repeat(100_000)}`]) expect(() => literalsIn(text, "a.ts")).toThrow()
  for (const text of ['{"a":{"b":[{"c":1}', "{", "}", "", "\u2028{é: 1}"]) expect(() => literalsInJson(text)).not.toThrow()
  const { all } = literalsIn("return ({ id: 'a', get b() {}, async c() {}, [d]: 1, e, 'f-g': 010, ...h, i: j ? k : l })", "a.cjs")
  expect([...all[0]!.keys.keys()]).toEqual(["id", "e", "f-g", "i"])
})

it("reads large texts, and is not brought down by deep ones", () => {
  const text = `[${Array(20_000).fill('{ "id": "web", "start": ["x", "y"], "restart": "transient" }').join(",\n")}]`
  expect(literalsIn(text, "a.js").all).toHaveLength(20_000)
  expect(literalsInJson(text)).toHaveLength(20_000)
  expect(firstError(`${"[".repeat(100_000)}x`)).toBeUndefined()
})
