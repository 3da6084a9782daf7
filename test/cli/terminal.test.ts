/** `supervise --plain tree` in a real pseudo-terminal, with key presses. */
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { line, supervisor, type TreeSpec } from "supervise"
import { expect, it } from "vitest"
import { bin, Running, treeFile } from "../runtime/command.ts"
import { commandOf, eventually, living, MARK, pidOf, rootPath, signal, temporaryFolder } from "../runtime/processes.ts"
import { at, root, shell, sleeper } from "../runtime/tree.ts"

const CTRL_C = "\x03"
const CTRL_S = "\x13"
const CTRL_Q = "\x11"
const RED_TO_WHITE = "\x1b\\[(?:3[0-7]|9[0-7])m"

/**
 * `script` (util-linux) makes the terminal: what is written to it is typed, and it exits with the code of the command.
 */
class Terminal extends Running {
  constructor(tree: TreeSpec | string, env: Record<string, string | undefined> = {}, flags = "--plain") {
    const command = `exec '${process.execPath}' '${bin}' ${flags} '${typeof tree === "string" ? tree : treeFile(tree)}'`
    // Not our own environment, from which Node reads more than NO_COLOR: CI alone turns colours off.
    const { PATH, HOME, [MARK]: mark } = process.env
    super("script", ["-qfec", command, "/dev/null"], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH, HOME, [MARK]: mark, SHELL: "/bin/sh", TERM: "xterm-256color", COLORTERM: "truecolor", ...env }
    })
  }

  press(key: string): void {
    this.process.stdin!.write(key)
  }

  /** The visible text, without colours. */
  get screen(): ReadonlyArray<string> {
    return stripVTControlCharacters(this.stdout).split(/\r?\n/)
  }

  sees(pattern: RegExp): Promise<string> {
    return this.until(`${pattern} on the screen`, () => this.screen.find((row) => pattern.test(row)))
  }
}

const deaf = (id: string, more: Parameters<typeof shell>[2]) =>
  shell(id, "trap '' TERM; echo deaf; while :; do sleep 0.05; done", { ready: line("deaf"), ...more })

const up = new RegExp(`^\\d\\d:\\d\\d:\\d\\d\\.\\d{3} ${rootPath} up after `)

it("prints one readable line for each event, and output behind its path in colour", async () => {
  const talker = shell("talker", "echo hello; echo oops >&2; exec sleep 1000")
  const terminal = new Terminal(root([talker, supervisor({ id: "inner", children: [sleeper("a")] })]))
  await Promise.all([terminal.sees(up), terminal.sees(/hello/), terminal.sees(/oops/)])
  signal(pidOf(at("inner", "a")), "SIGKILL")
  await terminal.sees(new RegExp(`${at("inner", "a")} was killed by SIGKILL \\(was up `))
  await eventually("a is started again", () => living(at("inner", "a")).some(({ incarnation }) => incarnation === 2))
  terminal.press(CTRL_C)
  expect(await terminal.code).toBe(0)

  const rows = terminal.screen.filter((row) => row !== "")
  for (const row of rows.filter(
    (row) => !row.startsWith("Spawner: ") && !row.startsWith("^C") && !row.includes("Stopping, last to first.")
  )) {
    expect(row).toMatch(new RegExp(`^(talker [|!]|\\d\\d:\\d\\d:\\d\\d\\.\\d{3} ${rootPath}(/[\\w/-]+)?) \\S`))
    expect(row).not.toContain("{")
  }
  expect(rows).toContain("talker | hello")
  expect(rows).toContain("talker ! oops")
  expect(rows.some((row) => / runs as pid \d+$/.test(row))).toBe(true)
  expect(rows.at(-1)).toMatch(new RegExp(`${rootPath} down: it was shut down$`))
  expect(terminal.stdout).toMatch(new RegExp(`${RED_TO_WHITE}talker\x1b\\[39m`))
  expect(living()).toEqual([])
})

it("uses no colour with NO_COLOR, and on a dumb terminal neither colour nor a live view", async () => {
  for (const [env, flags] of [[{ NO_COLOR: "1" }, "--plain"] as const, [{ TERM: "dumb", COLORTERM: undefined }, ""] as const]) {
    const terminal = new Terminal(root([shell("talker", "echo hello; exec sleep 1000")]), env, flags)
    await terminal.sees(/\| hello/)
    await terminal.sees(up)
    terminal.press(CTRL_C)
    expect(await terminal.code).toBe(0)
    expect(terminal.stdout).not.toContain("\x1b[")
  }
})

it("stops on Ctrl-C, and while that takes long says what it waits for and when that is killed", async () => {
  const terminal = new Terminal(root([sleeper("a"), deaf("slow", { shutdown: "4 seconds" })]))
  await terminal.sees(up)
  terminal.press(CTRL_C)
  await terminal.sees(/Stopping, last to first\. Ctrl-C again stops at once\./)
  const waiting = await terminal.sees(/waiting for/)
  expect(waiting).toMatch(new RegExp(`^waiting for ${at("slow")} \\(pid \\d+\\) for [\\d.]+m?s, killed in [\\d.]+m?s$`))
  expect(await terminal.code).toBe(0)
  expect(terminal.screen.some((row) => row.includes(`${at("slow")} stopped: it was killed by SIGKILL`))).toBe(true)
  expect(living()).toEqual([])
})

it("says when there is no time limit, and stops at once on a second Ctrl-C, with 130", async () => {
  const terminal = new Terminal(root([sleeper("a"), deaf("never", { shutdown: "infinity" })]))
  await terminal.sees(up)
  terminal.press(CTRL_C)
  await terminal.sees(new RegExp(`waiting for ${at("never")} \\(pid \\d+\\) for [\\d.]+s, no time limit$`))
  terminal.press(CTRL_C)
  expect(await terminal.code).toBe(130)
  await terminal.sees(/^(\^C)?Stopping at once\.$/)
  expect(living()).toEqual([])
})

it("keeps supervising while Ctrl-S stops the screen under a flood of output, and goes on after Ctrl-Q", async () => {
  const flood = shell("flood", "while :; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; done")
  const terminal = new Terminal(root([sleeper("quiet"), flood]))
  await terminal.says(/ 0123/)
  terminal.press(CTRL_S)
  let seen = -1
  let still = 0
  await eventually("the screen stands still", () => {
    still = terminal.stdout.length === seen ? still + 1 : 0
    seen = terminal.stdout.length
    return still > 30
  })
  // Twice, so that more output than is buffered accumulates.
  for (const incarnation of [2, 3]) {
    signal(pidOf(at("quiet")), "SIGKILL")
    await eventually("quiet is started again", () => living(at("quiet")).some((seen) => seen.incarnation === incarnation))
  }
  expect(terminal.stdout.length).toBe(seen)
  terminal.press(CTRL_Q)
  await terminal.until("the screen going on", () => terminal.stdout.length > seen || undefined)
  await terminal.says(/\(\d+ lines not shown: the terminal is too slow\)/, seen)
  terminal.press(CTRL_C)
  expect(await terminal.code).toBe(0)
  expect(living()).toEqual([])
})

it("ends at once on Ctrl-C while the tree file is still being evaluated", async () => {
  const terminal = new Terminal(resolve(import.meta.dirname, "../fixtures/trees/hangs.ts"))
  await eventually("the evaluator runs", () => living().some(({ pid }) => commandOf(pid).includes("evaluatorProcess")))
  terminal.press(CTRL_C)
  expect(await terminal.code).toBe(130)
  await eventually("nothing is left", () => living().length === 0)
})

it("stops in order when its terminal is closed", async () => {
  const folder = temporaryFolder()
  const bequest = (id: string) =>
    shell(id, `trap 'echo ${id} >> ended; kill $!; exit 0' TERM; sleep 1000 & echo ready; wait`, { ready: line("ready") })
  const terminal = new Terminal(treeFile(root([bequest("a"), bequest("b")]), folder))
  await terminal.sees(up)
  terminal.kill("SIGKILL")
  await terminal.ended
  await eventually("nothing is left", () => living().length === 0)
  expect(readFileSync(join(folder, "ended"), "utf8")).toBe("b\na\n")
})
