/**
 * `npm run screenshot`: draws docs/live.svg again. Runs the tree of an agent framework in a real terminal, kills the
 * same agent until its backoff is long enough to be seen, and one that another needs; then reads the screen.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { hasTmux, needsTmux, Tmux } from "../cli/Tmux.ts"
import { svgOf } from "./svg.ts"

const COLUMNS = 100
const ROWS = 32
const PATIENCE_MS = 30_000
const root = resolve(import.meta.dirname, "../..")
const tree = "supervisors/mister-smith/tree.ts"

if (!hasTmux) {
  console.error(`There is no terminal to look at. ${needsTmux}`)
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), "supervise-screenshot-"))
const command = `cd '${root}' && '${process.execPath}' bin/supervise.js ${tree} --state '${join(folder, "state")}'`
const terminal = new Tmux(folder, command, {
  columns: COLUMNS,
  rows: ROWS,
  env: {
    PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`,
    ...{ TERM: "xterm-256color", COLORTERM: "truecolor", LC_ALL: "C.UTF-8", MISTER_SMITH_SOCKET: join(folder, "broker.sock") }
  }
})
try {
  await sees(/ job 1 done/)
  kill(await sees(/ router +worker +up +(\d+)/))
  await sees(/ gateway +worker +up +\d+ .* finished/)
  for (let restarts = 0; restarts < 4; restarts++) {
    kill(await sees(new RegExp(`─ 3 +worker +up +(\\d+) +\\d+s +${restarts}\\b`)))
    await sees(/─ 3 +worker +backoff/)
  }
  await sees(/─ 3 +worker +backoff .* in 0\.[3-6]s /)
  const picture = svgOf(terminal.screen("-e"), { columns: COLUMNS, title: `supervise ${tree}` })
  writeFileSync(join(root, "docs/live.svg"), picture)
  console.log(`docs/live.svg: ${picture.length} bytes`)
  terminal.press("C-c")
  await sees(/^ended with 0$/)
} finally {
  terminal.close()
  rmSync(folder, { recursive: true, force: true })
}

/** The first such line, once there is one. */
async function sees(pattern: RegExp): Promise<RegExpExecArray> {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    for (const line of terminal.screen()) {
      const found = pattern.exec(line)
      if (found !== null) return found
    }
    if (performance.now() > end) throw new Error(`Waited in vain for ${pattern}.\n${terminal.screen().join("\n")}`)
    await new Promise((again) => setTimeout(again, 20))
  }
}

function kill([, pid]: RegExpExecArray): void {
  if (Number(pid) > 1) process.kill(Number(pid), "SIGKILL")
}
