import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { LoadOptions } from "../../src/cli/load/evaluator.ts"
import { loadTree } from "../../src/cli/load/load.ts"
import { BadTree } from "../../src/tree/problems/BadTree.ts"
import { files, folder } from "./brokenFiles.ts"

const load = (name: string, options?: LoadOptions) => Effect.runPromise(loadTree(join(folder, name), options))
const failure = async (name: string, options?: LoadOptions) => {
  const bad = await Effect.runPromise(Effect.flip(loadTree(join(folder, name), options)))
  expect(bad).toBeInstanceOf(BadTree)
  return bad.message.replaceAll(`${folder}/`, "")
}

/** False for zombies, which may stay where there is no init. */
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !existsSync("/proc/self/stat") || !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}

let temporary: string
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "supervise-load-"))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(temporary, { recursive: true, force: true })
})

describe("a tree file", () => {
  it("is loaded and decoded, with its folder", async () => {
    const loaded = await load("hello.ts")
    const clock = { type: "worker", id: "clock", start: ["node", "clock.js"], cwd: ".", shutdown: 5000 }
    expect(loaded.tree).toMatchObject({ type: "supervisor", id: "hello", strategy: "OneForOne", children: [clock] })
    expect(loaded.folder).toBe(resolve(folder))
    expect(loaded.printed).toBe("")
  })

  it("may be JavaScript and use every constructor", async () => {
    expect((await load("everything.mjs")).tree).toMatchObject({
      children: [{ ready: { type: "line" } }, { ready: { type: "fd", fd: 3 } }, { type: "pool", child: { backoff: { factor: 3 } } }]
    })
  })

  it("may be JSON, and name its schema", async () => {
    expect((await load("data.json")).tree.id).toBe("data")
  })

  it("may be a function of environment and tier, also async", async () => {
    vi.stubEnv("TREE_TEST_PROGRAM", "api.js")
    expect((await load("tiers.ts", { tier: "staging" })).tree).toMatchObject({ id: "staging", children: [{ start: ["node", "api.js"] }] })
    expect((await load("tiers.ts")).tree.id).toBe("none")
  })

  it("may lie in a folder without node_modules", async () => {
    const file = join(temporary, "tree.ts")
    writeFileSync(file, readFileSync(join(folder, "hello.ts")))
    expect((await Effect.runPromise(loadTree(file))).tree.id).toBe("hello")
  })

  it("is a module if it uses export, even in a CommonJS package; and may be CommonJS", async () => {
    writeFileSync(join(temporary, "package.json"), JSON.stringify({ type: "commonjs" }))
    const inCommon = `const { supervisor } = require("supervise")\nmodule.exports = supervisor({ id: "hello", children: [] })`
    for (const [name, text] of [
      ["tree.ts", readFileSync(join(folder, "hello.ts"), "utf8")],
      ["tree.js", readFileSync(join(folder, "hello.ts"), "utf8")],
      ["common.js", inCommon],
      ["common.ts", inCommon]
    ] as const) {
      writeFileSync(join(temporary, name), text)
      expect((await Effect.runPromise(loadTree(join(temporary, name)))).tree.id).toBe("hello")
    }
  })

  it("may be a word that was meant as a command", async () => {
    const { message } = await Effect.runPromise(Effect.flip(loadTree("help")))
    expect(message).toBe("help is not a tree I can run: there is no such file. Nor is it a command; see supervise --help.")
  })

  it("may print megabytes, of which the end is kept", async () => {
    const { tree, printed } = await load("floods.ts")
    expect(tree.id).toBe("hello")
    expect(printed).toContain("the last word")
    expect(printed.length).toBeLessThanOrEqual(16 * 1024)
  })

  it("may leave a timer and a server open", async () => {
    expect((await load("leavesOpen.ts")).tree.id).toBe("hello")
  })

  it("may change what its process is made of", async () => {
    expect((await load("patches.ts")).tree.id).toBe("hello")
  })

  it.each(["leavesProcess.ts", "leavesDaemon.ts"])("leaves no process behind: %s", async (file) => {
    const { tree } = await load(file)
    const pid = Number("children" in tree && "start" in tree.children[0]! && tree.children[0].start[1])
    expect(pid).toBeGreaterThan(1)
    await vi.waitFor(() => expect(alive(pid)).toBe(false))
  })

  it("is killed when its load is interrupted", async () => {
    const pidFile = join(temporary, "pid")
    vi.stubEnv("TREE_TEST_PID", pidFile)
    const fiber = Effect.runFork(loadTree(join(folder, "hangsKnown.ts")))
    const pid = await vi.waitFor(() => {
      const pid = Number(readFileSync(pidFile, "utf8"))
      expect(pid).toBeGreaterThan(1)
      return pid
    }, 20_000)
    expect(alive(pid)).toBe(true)
    await Effect.runPromise(Fiber.interrupt(fiber))
    await vi.waitFor(() => expect(alive(pid)).toBe(false))
  })

  it("is evaluated with a few of our files only, and without Effect", () => {
    const hook = `import { registerHooks } from "node:module"
      registerHooks({ load: (url, context, next) => { process.stderr.write(url + "\\n"); return next(url, context) } })`
    const evaluator = fileURLToPath(new URL("../../src/cli/load/evaluatorProcess.ts", import.meta.url))
    const { output } = spawnSync(
      process.execPath,
      [`--import=data:text/javascript,${encodeURIComponent(hook)}`, evaluator, resolve(folder, "hello.ts")],
      { stdio: ["ignore", "pipe", "pipe", "pipe"], encoding: "utf8" }
    )
    expect(JSON.parse(String(output[3]))).toMatchObject({ _tag: "Exported", spec: { id: "hello" } })
    const loaded = String(output[2]).split("\n")
    const ours = loaded.filter((url) => url.startsWith("file:")).map((url) => url.replace(/^.*\//, ""))
    expect(ours.sort()).toEqual([
      "Answer.ts",
      "constructors.ts",
      "evaluatorProcess.ts",
      "hello.ts",
      "hooks.ts",
      "plainData.ts",
      "problem.ts",
      "redact.ts",
      "sites.ts"
    ])
  })
})

describe("an invalid tree file is refused", () => {
  it.each(files)("%s", async (file, because) => {
    expect(await failure(file)).toBe(`${file} is not a tree I can run: ${because}`)
  })

  it("a device", async () => {
    const bad = await Effect.runPromise(Effect.flip(loadTree("/dev/null")))
    expect(bad.message).toBe("/dev/null is not a tree I can run: it is not a file.")
  })

  it("a file that may not be read", () => {
    const file = join(temporary, "tree.ts")
    writeFileSync(file, "export default 1")
    chmodSync(file, 0)
    const bad = asNobody(() => Effect.runSync(Effect.flip(loadTree(file))))
    expect(bad.message).toBe(`${file} is not a tree I can run: it cannot be read: EACCES.`)
  })

  it("an import by a path of tsconfig.json, or of a folder, or that only a compiler would find", async () => {
    mkdirSync(join(temporary, "lib/jobs"), { recursive: true })
    writeFileSync(join(temporary, "tsconfig.json"), '{ "compilerOptions": { "paths": { "app/*": ["./lib/*"], "@/*": ["./*"] } } } // ours')
    for (const name of ["web.ts", "jobs/index.ts"]) writeFileSync(join(temporary, "lib", name), "export default 1\n")
    writeFileSync(join(temporary, "lib/far.ts"), 'export { default } from "./web"\n')
    const file = join(temporary, "tree.mts")
    const because = async (specifier: string) => {
      writeFileSync(file, `\nimport web from "${specifier}"\nexport default web\n`)
      return (await Effect.runPromise(Effect.flip(loadTree(file)))).because
    }
    const notRead = "The paths of tsconfig.json are not read"
    expect(await because("@/lib/web")).toBe(
      `it imports "@/lib/web", which is not installed here (line 2). There is lib/web.ts: write "./lib/web.ts". ${notRead}.`
    )
    expect(await because("app/web")).toBe(`it imports "app/web", which is not installed here (line 2). ${notRead}: write a relative path.`)
    expect(await because("lib/web")).toBe(
      'it imports "lib/web", which is not installed here (line 2). There is lib/web.ts: write "./lib/web.ts".'
    )
    expect(await because("left/pad")).toBe('it imports "left/pad", which is not installed here (line 2).')
    expect(await because("./lib/jobs")).toBe(
      'it imports lib/jobs, which is a folder (line 2). There is lib/jobs/index.ts: write "./lib/jobs/index.ts", with the ending that the file has.'
    )
    expect(await because("./lib/far.ts")).toBe(
      'lib/far.ts imports lib/web, which is not there (line 1). There is lib/web.ts: write "./web.ts", with the ending that the file has.'
    )
    expect(await because("#web")).toMatch(/^it imports "#web", which fails \(line 2\): Package import specifier "#web" is not defined.*\.$/)
  })

  it("a decorator, also in a file that it imports", async () => {
    const text = ["const logged = (method: unknown) => method", "class Tree {", "  @logged", "  build() {}", "}", "export default Tree"]
    writeFileSync(join(temporary, "far.ts"), text.join("\n"))
    writeFileSync(join(temporary, "tree.ts"), 'export { default } from "./far.ts"\n')
    const because = async (name: string) => (await Effect.runPromise(Effect.flip(loadTree(join(temporary, name))))).because
    const advice = "which Node does not know. Types are only stripped, not compiled; write it in JavaScript."
    expect(await because("far.ts")).toBe(`it uses a decorator (line 3), ${advice}`)
    expect(await because("tree.ts")).toBe(`it uses a decorator (far.ts line 3), ${advice}`)
  })

  it("a syntax error in a file that it imports", async () => {
    writeFileSync(join(temporary, "far.mjs"), "export default [\n")
    writeFileSync(join(temporary, "tree.mjs"), 'import "./far.mjs"\n')
    const { because } = await Effect.runPromise(Effect.flip(loadTree(join(temporary, "tree.mjs"))))
    expect(because).toBe("SyntaxError: Unexpected end of input (far.mjs line 2).")
  })

  it("a machine that starts no Node", async () => {
    const { execPath } = process
    process.execPath = "/nowhere/node"
    try {
      expect(await failure("hello.ts")).toBe(
        "hello.ts is not a tree I can run: Node could not be started to read it: spawn /nowhere/node ENOENT."
      )
    } finally {
      process.execPath = execPath
    }
  })

  it("hangs.ts, after the limit", async () => {
    expect(await failure("hangs.ts", { timeoutMs: 3000 })).toBe(
      "hangs.ts is not a tree I can run: it did not answer within 3 seconds and was killed. It printed:\n  | thinking"
    )
  })

  it.each([
    ["cycle.ts", "/round/children[0]: found a cycle: an object that contains itself, expected plain data."],
    ["exportsText.ts", '/: found "supervisor", expected a supervisor, a worker or a pool.'],
    ["duplicates.json", '/shop/web  id: found "web", expected a unique id: children[0] has the same.'],
    [
      "workerRoot.ts",
      '/web: found a worker, expected a supervisor or a pool as the root. Did you mean supervisor({ id: "main", children: [worker({ id: "web", ... })] })?'
    ],
    [
      "misspelt.ts",
      '/shop/web  restart: found "allways", expected "permanent", "transient" or "temporary". Did you mean "permanent"?',
      "/shop/web  comand: unknown key, expected one of id, restart, significant, backoff, needs, logs, shutdown, start, cwd, env, stopSignal, stopTo, successCodes, stdin, ready, health, heartbeat or startTimeout."
    ],
    [
      "notPlain.ts",
      "/shop/web  ready: found a function (fd), expected plain data. Did you mean fd()?",
      "/shop/web  cwd: found undefined, expected plain data. Did you mean leaving the key out?",
      "/shop/api  start: found a function (start), expected plain data.",
      "/shop/api  env.STARTED: found an object of class Date, expected plain data.",
      "/shop/api  env.BIG: found a bigint, expected plain data.",
      "/shop/api  env.MAP: found an object of class Map, expected plain data.",
      "/shop/job  backoff: found a promise, expected plain data. Did you mean await?",
      "/shop/job  restart: found a symbol, expected plain data.",
      "/shop/job  successCodes[0]: found NaN, expected plain data."
    ]
  ])("%s", async (file, ...sentences) => {
    const head = `${file} is not a tree I can run: ${sentences.length} problem${sentences.length === 1 ? "" : "s"}.`
    expect(await failure(file)).toBe([head, ...sentences.map((sentence) => `  ${sentence}`)].join("\n"))
  })
})

/** Runs as the user nobody, because root may read everything. */
function asNobody<A>(read: () => A): A {
  if (process.getuid?.() !== 0) return read()
  process.seteuid?.(65534)
  try {
    return read()
  } finally {
    process.seteuid?.(0)
  }
}
