/** The house rules of CONTRIBUTING.md as a test. Each rule is also given planted offences, to show that it can fail. */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { expect, it } from "vitest"
import * as rules from "./tidy/rules.ts"
import { code, type Files } from "./tidy/source.ts"

const root = resolve(import.meta.dirname, "..")
const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" })
const repository: Files = new Map(
  listed
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .map((path) => [path, readFileSync(join(root, path), "utf8")] as const)
    .filter(([, text]) => !text.includes("\0"))
)

/** The repository has no offence; and in the planted files the rule finds exactly these. */
function house(sentence: string, rule: rules.Rule, planted: Record<string, string>, offences: ReadonlyArray<string>): void {
  it(sentence, () => {
    const found = rule(repository)
    expect(found, `${found.length} offences against "${sentence}":\n${found.join("\n")}\n`).toEqual([])
  })
  it(`… or an offence is found: ${sentence}`, () => expect(rule(new Map(Object.entries(planted)))).toEqual(offences))
}

it("reads the repository", () => {
  expect(repository.has("src/index.ts")).toBe(true)
  expect([...repository.keys()].filter((path) => path.includes("node_modules"))).toEqual([])
})

it("tells code from comments, strings and patterns", () => {
  const text = 'a(/* b */ "c // d", `e ${f({ g: `h` })} i`, /j"\\/[/]/, k / l / m) // n\no'
  expect(code(text)).toBe('a(        "      ", `  ${f({ g: ` ` })}  `, /       /, k / l / m)     \no')
  expect(code(text, "kept")).toBe(text.replace("/* b */", "       ").replace("// n", "    "))
})

house("every file is in a room", rules.everyFileIsInARoom, { "src/cellar/wine.ts": "", "src/wine.ts": "", "src/tree/Spec.ts": "" }, [
  "src/cellar/wine.ts:1 is in no room of the house",
  "src/wine.ts:1 is in no room of the house"
])

house(
  "imports point from larger rooms to smaller ones",
  rules.importsPointInward,
  {
    "src/core/Machine.ts":
      'import type { Spawner } from "../leaf/Spawner.ts"\nimport { Spec } from "../tree/Spec.ts"\n// import "../cli/main.ts"\n',
    "src/runtime/kernel/Kernel.ts":
      'import {\n  Rehearsal\n} from "../../sim/Rehearsal.ts"\nconst later = await import("../../http/Server.ts")\n',
    "src/cli/main.ts": 'import { run } from "../index.ts"\nimport { step } from "../core/Tree.ts"\nexport * from "../../test/x.ts"',
    "src/cli/version.ts": 'import manifest from "../../package.json"',
    "src/leaf/version.ts": 'import manifest from "../../package.json"',
    "src/index.ts": 'export * from "./cli/main.ts"\n'
  },
  [
    "src/core/Machine.ts:1 core must not know leaf",
    "src/runtime/kernel/Kernel.ts:1 runtime must not know sim",
    "src/runtime/kernel/Kernel.ts:4 runtime must not know http",
    "src/cli/main.ts:1 cli must not know the face",
    "src/cli/main.ts:3 imports test/x.ts, which is not under src",
    "src/leaf/version.ts:1 imports package.json, which is not under src"
  ]
)

house(
  "imports make no circles",
  rules.noImportCycles,
  {
    "src/core/A.ts": 'import { b } from "./B.ts"',
    "src/core/B.ts": '\nimport type { c } from "./C.ts"\n',
    "src/core/C.ts": 'export { a } from "./A.ts"',
    "src/core/D.ts": 'import "./A.ts"'
  },
  ["src/core/C.ts:1 closes the circle src/core/A.ts → src/core/B.ts → src/core/C.ts → src/core/A.ts"]
)

house(
  "every file is reached from an entry",
  rules.noDeadFiles,
  {
    "src/index.ts": 'import "./core/A.ts"\nconst worker = new URL("./core/B.ts", import.meta.url)',
    "src/core/A.ts": "",
    "src/core/B.ts": "",
    "src/core/C.ts": 'import "./D.ts"',
    "src/core/D.ts": ""
  },
  [
    `src/core/C.ts:1 is reached from no entry (${rules.entries.join(", ")})`,
    `src/core/D.ts:1 is reached from no entry (${rules.entries.join(", ")})`
  ]
)

house(
  "every export is used in another file",
  rules.everyExportIsUsed,
  {
    "src/index.ts": 'export type * from "./tree/Open.ts"',
    "src/tree/Open.ts": "export type Anything = 1",
    "src/core/A.ts": "export const used = 1\nexport function lonely() {}\nexport interface Quoted {}\nlonely()",
    "test/core/A.test.ts": 'used("Quoted") // lonely'
  },
  [
    "src/core/A.ts:2 lonely is used in no other file; it need not be exported",
    "src/core/A.ts:3 Quoted is used in no other file; it need not be exported"
  ]
)

house(
  "core knows no clock, no chance, no Effect and no Node",
  rules.coreIsPure,
  {
    "src/core/A.ts": `import type { Effect } from "effect"
import * as Order from "effect/Order"
import type { Socket } from "node:net"
const now = Date.now() // setTimeout
const then = new Date(), jitter = Math.random()
const f = async () => await performance.now()
setInterval(f, process.uptime())
const fine = "setImmediate" + state.process.id
`,
    "src/leaf/B.ts": "setTimeout(f, Date.now())"
  },
  [
    "src/core/A.ts:4 core knows no Date.now",
    "src/core/A.ts:5 core knows no new Date",
    "src/core/A.ts:5 core knows no Math.random",
    "src/core/A.ts:6 core knows no async",
    "src/core/A.ts:6 core knows no await",
    "src/core/A.ts:6 core knows no performance",
    "src/core/A.ts:7 core knows no setInterval",
    "src/core/A.ts:7 core knows no process.",
    "src/core/A.ts:2 core knows no effect/Order",
    "src/core/A.ts:3 core knows no node:net"
  ]
)

house(
  "the constructors load nothing",
  rules.constructorsLoadNothing,
  { "src/tree/constructors.ts": 'import type { A } from "./Spec.ts"\nimport { type B, c } from "./decode.ts"\n' },
  ["src/tree/constructors.ts:2 loads ./decode.ts"]
)

house("a rehearsal can be replayed", rules.simIsSeeded, { "src/sim/World.ts": "// Date.now\nMath.random() + Date.now()" }, [
  "src/sim/World.ts:2 Math.random cannot be replayed",
  "src/sim/World.ts:2 Date.now cannot be replayed"
])

house(
  "libraries are imported by the module, not by the barrel",
  rules.noBarrels,
  {
    "src/leaf/A.ts":
      'import type { Context } from "effect"\nimport { Context } from "effect"\nimport * as Layer from "effect/Layer"\nexport { NodeRuntime } from "@effect/platform-node"'
  },
  [
    'src/leaf/A.ts:2 loads all of effect; import the module, "effect/…"',
    'src/leaf/A.ts:4 loads all of @effect/platform-node; import the module, "@effect/platform-node/…"'
  ]
)

house(
  "one file in leaf sends signals",
  rules.oneFileSendsSignals,
  {
    "src/leaf/Signal.ts": 'process.kill(-pid, "SIGTERM")',
    "src/leaf/Probe.ts": "\nprocess.kill(pid, 0)",
    "src/cli/stop.ts": "kill(-pid) // process.kill(1)"
  },
  ["src/cli/stop.ts:1 sends a signal", "src/leaf/Signal.ts:1 sends a signal", "src/leaf/Probe.ts:2 sends a signal"]
)

house(
  "only the command line prints",
  rules.printingIsForTheCommandLine,
  { "src/cli/main.ts": "console.log(1)", "src/core/A.ts": '"console.log"\nconsole.log(2)' },
  ["src/core/A.ts:2 console.log"]
)

house(
  "names say something",
  rules.noEmptyWords,
  {
    "src/leaf/utils.ts": "",
    "src/leaf/PoolManager.ts": "",
    "src/leaf/A.ts": 'class TreeManager {}\nconst spawnHelper = stringUtils\nconst util = ManagedRuntime // Helper "Util"\nUtilization',
    "src/core/info/B.ts": ""
  },
  [
    "src/leaf/utils.ts:1 the name utils.ts says nothing",
    "src/leaf/PoolManager.ts:1 the name PoolManager.ts says nothing",
    "src/leaf/A.ts:1 the name TreeManager says nothing",
    "src/leaf/A.ts:2 the name spawnHelper says nothing",
    "src/leaf/A.ts:2 the name stringUtils says nothing",
    "src/leaf/A.ts:3 the name util says nothing",
    "src/core/info/B.ts:1 the name info says nothing"
  ]
)

const retired = `
| retired | use instead | kind |
| --- | --- | --- |
| \`heldBy\` | pendingOn | value |
| \`taken for dead\` | convicted | word |
| \`Fates\` | LifeModel | name |
| \`src/spec\` | src/tree | name |
| \`fell\` | failed | meaning |
`
house(
  "retired words are not used",
  rules.noRetiredWords,
  {
    "CONTRIBUTING.md": retired,
    "src/sim/Fates.ts":
      'const Fates = 1 // Fates fell, and was taken for dead\nconst by = { heldBy: "heldBy" }\nconst text = `taken for dead ${Fates}`',
    "src/spec/A.ts": "const takenForDead = 1",
    "docs/a.md": "Taken for dead.\nThe key `heldBy` of Fates.",
    "test/a.ts": "const Fates = 1"
  },
  [
    "src/sim/Fates.ts:2 heldBy: write pendingOn",
    "src/sim/Fates.ts:1 taken for dead: write convicted",
    "src/sim/Fates.ts:3 taken for dead: write convicted",
    "src/sim/Fates.ts:1 Fates: write LifeModel",
    "src/sim/Fates.ts:1 Fates: write LifeModel",
    "src/sim/Fates.ts:3 Fates: write LifeModel",
    "src/spec/A.ts:1 src/spec: write src/tree",
    "docs/a.md:2 heldBy: write pendingOn",
    "docs/a.md:1 taken for dead: write convicted",
    "test/a.ts:1 Fates: write LifeModel"
  ]
)

it("reads the table of retired words", () => {
  const all = rules.retiredWords(repository)
  expect(all.length).toBeGreaterThan(50)
  expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(["value", "word", "name", "meaning"]))
})

const wide = "word ".repeat(24)
house(
  "prose has at most 120 columns",
  rules.proseIsNarrow,
  {
    "src/a.ts": `// ${wide}\n/**\n * ${wide}\n */\nconst text = "${wide}" // and code may be longer\n// ${"x".repeat(130)}`,
    "docs/a.md": `${wide}.\n| ${wide} |\n\`\`\`\n${wide}.\n\`\`\`\n`,
    "test/a.ts": `// ${wide}`
  },
  [
    "src/a.ts:1 has 123 columns; prose has 120",
    "src/a.ts:3 has 123 columns; prose has 120",
    "docs/a.md:1 has 121 columns; prose has 120",
    "test/a.ts:1 has 123 columns; prose has 120"
  ]
)

house(
  "nothing is put off",
  rules.nothingPutOff,
  { "src/core/A.ts": "// later\n// FIXME\nconst TODOS = 1 // HACK", "test/b.ts": "// TODO" },
  ["src/core/A.ts:2 FIXME: do it, or write an issue", "src/core/A.ts:3 HACK: do it, or write an issue"]
)

house(
  "no test is off or alone",
  rules.noTestIsOffOrAlone,
  { "test/a.test.ts": 'it.only("x")\nit.effect.skip("y")\ndescribe.todo("z")\nit("it.only")\nstream.skip(1)\nit.skipIf(true)("w")' },
  [
    "test/a.test.ts:1 it.only: every test runs",
    "test/a.test.ts:2 it.effect.skip: every test runs",
    "test/a.test.ts:3 describe.todo: every test runs"
  ]
)

const long = (length: number) => "x\n".repeat(length)
house(
  "files stay short",
  rules.filesStayShort(rules.longFiles),
  { "src/core/A.ts": long(300), "src/core/B.ts": long(301), "test/c.ts": long(900) },
  ["src/core/B.ts:301 has 301 lines; its limit is 300"]
)

it("lets the length of a long file only fall", () => {
  const rule = rules.filesStayShort(new Map([["src/a.ts", 400]]))
  expect(rule(new Map([["src/a.ts", long(400)]]))).toEqual([])
  expect(rule(new Map([["src/a.ts", long(401)]]))).toEqual(["src/a.ts:401 has 401 lines; its limit is 400"])
  expect(rule(new Map([["src/a.ts", long(390)]]))).toEqual(["src/a.ts:390 has 390 lines now: let its number in longFiles fall from 400"])
})

house("lines stay short", rules.linesStayShort, { "src/core/A.ts": `${"x".repeat(160)}\n${"y".repeat(161)}\n` }, [
  "src/core/A.ts:2 has 161 characters; 160 are enough"
])

house(
  "every file begins with what it is",
  rules.everyFileSaysWhatItIs,
  { "src/core/A.ts": "/** A. */", "src/cli/main.ts": "#!/usr/bin/env node\n/** The command. */", "src/core/B.ts": "// B\n/** late */" },
  ["src/core/B.ts:1 does not begin with a doc comment"]
)

house(
  "what is imported is a dependency",
  rules.importsAreDeclared,
  {
    "package.json": '{ "dependencies": { "effect": "1", "@effect/platform-node": "1" }, "devDependencies": { "vitest": "1" } }',
    "src/core/A.ts":
      'import "node:fs"\nimport "effect/Array"\nimport "@effect/platform-node/NodeRuntime"\nimport { it } from "vitest"\nimport type * as Ws from "@types/ws/lib"'
  },
  ["src/core/A.ts:4 vitest is not among the dependencies", "src/core/A.ts:5 @types/ws/lib is not among the dependencies"]
)

house(
  "every dependency was decided",
  rules.dependenciesAreDecided,
  {
    "package.json": '{ "dependencies": { "effect": "1" }, "devDependencies": { "vitest": "1", "left-pad": "1" } }',
    "docs/decisions.md": "We use `effect` and `vitest`."
  },
  ["package.json:1 left-pad has no line in docs/decisions.md"]
)

const [work, homes, registry] = ["/wo" + "rk/", "/ho" + "me/", "registry.np" + "mjs.org"]
house(
  "no file names a machine or a package registry",
  rules.nothingNamesAMachine,
  { "README.md": `cd ${work}x\nls ${homes}u\n/root/workers/3 and /shop${work}1`, ".npmrc": `registry=https://${registry}/` },
  [
    `README.md:1 ${work} is a place outside this repository`,
    `README.md:2 ${homes} is a place outside this repository`,
    `.npmrc:1 ${registry} is a place outside this repository`
  ]
)
