/** The live view in a real terminal: what is shown, and the keys. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { constant, pool, type TreeSpec } from "supervise"
import { afterEach, expect, it } from "vitest"
import { bin, treeFile } from "../runtime/command.ts"
import { eventually, living, MARK, pidOf, rootPath, signal, temporaryFolder } from "../runtime/processes.ts"
import { at, root, shell, sleeper } from "../runtime/tree.ts"
import { hasTmux, needsTmux, Tmux } from "./Tmux.ts"

const skipped = !hasTmux && process.env.REQUIRE_ALL !== "1"
if (skipped) console.log(`The live tree is not tested here. ${needsTmux}`)

const open: Array<Tmux> = []
afterEach(() => {
  for (const tmux of open.splice(0)) tmux.close()
})

interface Options {
  readonly columns?: number
  readonly rows?: number
  readonly env?: NodeJS.ProcessEnv
  /** The shell command, from that of supervise. */
  readonly shell?: (supervise: string) => string
}

/** Runs a tree in a terminal. */
class Live extends Tmux {
  constructor(tree: TreeSpec, { columns = 100, rows = 30, env = {}, shell = (supervise) => supervise }: Options = {}) {
    const { PATH, HOME, [MARK]: mark } = process.env
    const folder = temporaryFolder()
    super(folder, shell(`'${process.execPath}' '${bin}' '${treeFile(tree)}'`), {
      columns,
      rows,
      env: { PATH, HOME, [MARK]: mark, SHELL: "/bin/sh", TERM: "xterm-256color", COLORTERM: "truecolor", LC_ALL: "C.UTF-8", ...env }
    })
    open.push(this)
  }

  /** The lines of the screen, once they match. */
  async shows(what: string, such: (frame: ReadonlyArray<string>, above: ReadonlyArray<string>) => boolean) {
    let seen: ReadonlyArray<string> = []
    try {
      return await eventually(what, () => {
        seen = this.screen()
        const top = seen.findIndex(isDivider)
        return top >= 0 && such(seen.slice(top), seen.slice(0, top)) && seen
      })
    } catch (error) {
      throw new Error(`${(error as Error).message}\nThe screen:\n${seen.join("\n")}`)
    }
  }

  /** The tree is shown with these lines, and nothing of another frame is left. */
  isUp = (...lines: ReadonlyArray<RegExp>) =>
    this.shows(
      `the tree shows ${lines.join(", ")}`,
      (frame) => isWhole(frame) && lines.every((line) => frame.some((row) => line.test(row)))
    )

  async end(): Promise<void> {
    await eventually("it has ended", () => this.scrollback().some((line) => line.startsWith("ended with ")))
  }

  /** Presses Ctrl-C; then only lines and a cursor must be left. */
  async stop(): Promise<void> {
    this.press("C-c")
    await this.end()
    const lines = this.scrollback()
    expect(lines.filter((line) => isDivider(line) || isHeading(line))).toEqual([])
    expect(lines.slice(-2)).toEqual([expect.stringMatching(/ down: it was shut down$/), "ended with 0"])
    expect(this.cursorIsVisible).toBe(true)
    this.close()
  }
}

const isDivider = (line: string) => /^─+$/.test(line)
const isHeading = (line: string) => line.startsWith("NAME ")
const isSummary = (line: string) => /^\d+ up .*· (Ctrl-C|stopping)/.test(line)

/**
 * One divider, one line of headings under it, rows, and the summary at the bottom. tmux may be read in the middle of a
 * redraw.
 */
const isWhole = (frame: ReadonlyArray<string>) =>
  frame.length > 2 && isDivider(frame[0]!) && isHeading(frame[1]!) && isSummary(frame.at(-1)!) && frame.filter(isHeading).length === 1

/** How many lines of frames there are, on the screen or above it. */
const remains = (live: Live) => live.scrollback().filter((line) => isDivider(line) || isHeading(line) || isSummary(line)).length

/** The supervisor that the shell of the terminal has started. */
const supervisorIn = (live: Live): number => {
  const pane = Number(live.tmux("display-message", "-p", "#{pane_pid}"))
  return living().find(({ pid, path }) => path === undefined && parentOf(pid) === pane)!.pid
}

const parentOf = (pid: number) => Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1])

const story = (name: string, run: () => Promise<void>) => it.skipIf(skipped)(name, run)

story("keeps the tree at the bottom, below events and output", async () => {
  const live = new Live(root([shell("talker", "echo hello; exec sleep 1000"), sleeper("a")]))
  const screen = await live.isUp(/^├─ talker +worker +up +\d+ +\ds +0/, /^└─ a +worker +up +\d+ +\ds +0/, /^2 up · Ctrl-C stops in order$/)
  const above = screen.slice(0, screen.findIndex(isDivider))
  expect(above).toContain("talker | hello")
  expect(above.at(-1)).toMatch(/ up after /)
  await live.isUp(/^└─ a .* ([2-9]|\d\d)s /) // the clock of the view goes on
  expect(live.cursorIsVisible).toBe(true)
  await live.stop()
  expect(living().filter(({ path }) => path !== undefined)).toEqual([]) // the terminal itself takes a moment
})

story("shows a new pid and one restart after a kill -9", async () => {
  const live = new Live(root([sleeper("a"), sleeper("b")]))
  await live.isUp(/^├─ a .* up /)
  const before = pidOf(at("a"))
  signal(before, "SIGKILL")
  const screen = await live.isUp(/^├─ a +worker +up +\d+ +\d+s +1 +SIGKILL/)
  const pid = pidOf(at("a"))
  expect(pid).not.toBe(before)
  expect(screen.some((row) => new RegExp(`^├─ a +worker +up +${pid} `).test(row))).toBe(true)
  expect(screen.some((row) => row.includes(`${at("a")} was killed by SIGKILL`))).toBe(true)
  await live.stop()
})

story("counts down to the next start, and while stopping to the kill", async () => {
  const slow = constant({ delay: "60s", jitter: 0 })
  const deaf = shell("deaf", "trap '' TERM; while :; do sleep 0.05; done", { shutdown: "3s" })
  const live = new Live(root([deaf, shell("hasty", "exit 7", { backoff: slow }), sleeper("a")]))
  await live.isUp(/^├─ hasty +worker +backoff +1? +\d? +in 5\ds +exit 7$/, /^2 up · 1 backoff · /)
  live.press("C-c")
  await live.isUp(/^├─ deaf +worker +stopping .* killed in [12]s/, /1 stopping .*· Ctrl-C again stops at once$/)
  await live.end()
  const lines = live.scrollback()
  expect(lines.filter((line) => line.startsWith("waiting for"))).toEqual([])
  expect(lines).toContain("Stopping, last to first. Ctrl-C again stops at once.")
  expect(lines.slice(-2)).toEqual([expect.stringMatching(/ down: it was shut down$/), "ended with 0"])
})

story("redraws cleanly when the terminal is resized", async () => {
  const live = new Live(root([sleeper("a"), pool({ id: "jobs", size: 3, child: sleeper("job") })]))
  await live.isUp(/^4 up/)
  for (const [columns, rows] of [
    [80, 30],
    [60, 30],
    [130, 30],
    [100, 12],
    [100, 40],
    [62, 16]
  ] as const) {
    live.resize(columns, rows)
    await live.shows(`a whole tree at ${columns} by ${rows}`, (frame, above) => {
      const fits = frame.length <= Math.floor((rows * 2) / 3) && frame.every((row) => row.length <= columns)
      return fits && isWhole(frame) && !above.some(isHeading) && frame[1]!.includes("KIND") === columns > 80
    })
    expect(remains(live)).toBe(3)
  }
  await live.stop()
})

story("of a tree that does not fit, shows what is not up and counts the rest", async () => {
  const once = constant({ delay: "60s", jitter: 0 })
  const tree = root([pool({ id: "jobs", size: 60, child: sleeper("job", { backoff: once }) }), sleeper("a")])
  const live = new Live(tree, { rows: 20 })
  await live.isUp(/^├─ jobs +pool of 60 +60 up /, /^└─ a .* up /, /^61 up · Ctrl-C/)
  signal(pidOf(at("jobs", "33")), "SIGKILL")
  await live.isUp(/^│ {2}├─ 33 +worker +backoff .* in 5\ds +SIGKILL$/, /^│ {2}└─ … 59 more, all up$/, /^60 up · 1 backoff · /)
  await live.stop()
})

story("keeps the tree at the bottom under a flood of output", async () => {
  const flood = shell("flood", "while :; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; done")
  const live = new Live(root([sleeper("a"), flood]))
  await live.isUp(/^├─ a .* up /, /^└─ flood .* up /)
  signal(pidOf(at("a")), "SIGKILL")
  await live.isUp(/^├─ a +worker +up +\d+ +\d+s +1 /)
  await live.isUp(/^├─ a .* ([2-9]|\d\d)s +1 /) // the clock of the view goes on
  live.press("C-c")
  await eventually("all is stopped", () => living().every(({ path }) => path === undefined))
  await eventually("it has ended", () => live.screen().at(-1) === "ended with 0")
  expect(live.screen().some((row) => isDivider(row) || isHeading(row))).toBe(false)
  expect(live.cursorIsVisible).toBe(true)
})

story("keeps supervising while Ctrl-S stops the screen, and catches up after Ctrl-Q", async () => {
  const live = new Live(root([sleeper("a"), shell("talker", "while :; do echo word; sleep 0.02; done")]))
  await live.isUp(/^├─ a .* up /)
  live.press("C-s")
  for (const incarnation of [2, 3]) {
    signal(pidOf(at("a")), "SIGKILL")
    await eventually("a is started again", () => living(at("a")).some((seen) => seen.incarnation === incarnation))
  }
  expect(live.scrollback().filter((line) => line.includes("was killed by SIGKILL"))).toEqual([])
  live.press("C-q")
  await live.isUp(/^├─ a +worker +up +\d+ +\d+s +2 /)
  expect(live.scrollback().filter((line) => line.includes("was killed by SIGKILL"))).toHaveLength(2)
  await live.stop()
})

story("uses colours, and none with NO_COLOR", async () => {
  for (const [env, coloured] of [[{}, true] as const, [{ NO_COLOR: "1" }, false] as const]) {
    const live = new Live(root([sleeper("a")]), { env })
    await live.isUp(/^└─ a .* up /)
    const row = live.screen("-e").find((row) => stripVTControlCharacters(row).startsWith("└─ a "))
    expect(row?.includes("\x1b[32mup")).toBe(coloured)
    expect(row?.includes("\x1b")).toBe(coloured)
    await live.stop()
  }
})

story("only prints lines as a background job", async () => {
  const live = new Live(root([sleeper("a")]), { shell: (supervise) => `set -m; ${supervise} & wait` })
  await eventually("it is up", () => live.scrollback().some((line) => line.includes(`${rootPath} up after `)))
  signal(pidOf(at("a")), "SIGKILL")
  await eventually("a runs again", () => live.scrollback().filter((line) => line.includes(`${at("a")} runs as pid`)).length === 2)
  expect(remains(live)).toBe(0)
  signal(supervisorIn(live), "SIGTERM")
  await live.end()
  expect(live.scrollback()).toContain("Stopping, last to first. Ctrl-C again stops at once.")
})

story("leaves the terminal to the shell after Ctrl-Z and bg, and shows the tree again after fg", async () => {
  const go = join(temporaryFolder(), "go")
  const inTurn = `echo the shell again; bg; until [ -e '${go}' ]; do sleep 0.05; done; fg`
  const live = new Live(root([sleeper("a")]), { shell: (supervise) => `set -m; ${supervise}; ${inTurn}` })
  await live.isUp(/^└─ a .* up /)
  live.press("C-z")
  const since = () => live.scrollback().join("\n").split("the shell again\n")[1]?.split("\n")
  await eventually("the shell goes on", since)
  for (const count of [1, 2]) {
    signal(pidOf(at("a")), "SIGKILL")
    await eventually("a runs again", () => since()!.filter((line) => line.includes(`${at("a")} runs as pid`)).length === count)
  }
  expect(since()!.filter((line) => isDivider(line) || isHeading(line) || isSummary(line))).toEqual([])
  writeFileSync(go, "")
  await eventually("the tree is shown again", () => isWhole(since()!.slice(since()!.findIndex(isDivider))))
  live.press("C-c")
  await live.end()
  expect(live.scrollback().at(-1)).toBe("ended with 0")
})

story("removes the tree before it reports a bug of its own", async () => {
  const fault = "data:text/javascript,process.on('SIGUSR2',()=>{throw new Error('on purpose')})"
  const live = new Live(root([sleeper("a")]), { env: { NODE_OPTIONS: `--import "${fault}"` } })
  await live.isUp(/^└─ a .* up /)
  signal(supervisorIn(live), "SIGUSR2")
  await live.end()
  const lines = live.scrollback()
  expect(lines).toContain("Error: on purpose")
  expect(lines.filter((line) => isDivider(line) || isHeading(line))).toEqual([])
  expect(lines.at(-1)).toBe("ended with 70")
  expect(live.cursorIsVisible).toBe(true)
})
