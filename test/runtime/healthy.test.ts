/**
 * A healthy leaf is never convicted, whatever happens to us and to the machine: many leaves that beat, a machine with
 * more work than processors, a supervisor that is stopped and whose event loop is blocked. One leaf does hang, to show
 * that it is found. The number of suspicions is printed.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { TreeSpec, WorkerSpec } from "supervise"
import { expect, it } from "vitest"
import { Running } from "./command.ts"
import { hasCc, native } from "./native.ts"
import { eventually, isAlive, living, PATIENCE_MS, rootId, rootPath, signal, temporaryFolder } from "./processes.ts"

const FULL = process.env.REQUIRE_ALL === "1"
const { leaves, seconds, stoppedMs, blockedMs } = FULL
  ? { leaves: 200, seconds: 60, stoppedMs: 5_000, blockedMs: 3_000 }
  : { leaves: 40, seconds: 8, stoppedMs: 1_500, blockedMs: 1_000 }
const BURNERS = 4

interface Reported {
  readonly _tag: string
  readonly path: string
  readonly exit?: { readonly _tag: string; readonly evidence?: string }
}

/** Beats with this period, for ever or `after` times; then it is silent. */
const beating = (id: string, every: number, after?: number): WorkerSpec => {
  const endless = `while :; do echo beat >&3; sleep ${every / 1000} 3>&-; done`
  const limited = `for i in $(seq ${after}); do echo beat >&3; sleep ${every / 1000} 3>&-; done; exec sleep 1000`
  const shell = ["sh", "-c", `echo ready >&3; ${after === undefined ? endless : limited}`] as const
  const start = hasCc ? ([native("beats"), String(every), ...(after === undefined ? [] : [String(after), "pipe"])] as const) : shell
  return { type: "worker", id, start, ready: { type: "fd" }, heartbeat: { every: `${every}ms` } }
}

const group = (id: string, children: ReadonlyArray<WorkerSpec>) => ({ type: "supervisor", id, intensity: 1000, children }) as const

/** Three quarters of them beat twice a second, the others ten times. */
const crowd = (size: number, hangsAfter?: number): TreeSpec => {
  const fast = Math.round(size / 4)
  const hung = hangsAfter === undefined ? [] : [beating("hung", 100, hangsAfter)]
  return {
    ...{ type: "supervisor", id: rootId, intensity: 1000 },
    children: [
      group(
        "slow",
        [...Array(size - fast)].map((_, i) => beating(`leaf${i}`, 500))
      ),
      group("fast", [...[...Array(fast)].map((_, i) => beating(`leaf${i}`, 100)), ...hung])
    ]
  }
}

class Crowd extends Running {
  constructor(tree: TreeSpec) {
    const file = join(temporaryFolder(), "tree.json")
    writeFileSync(file, JSON.stringify(tree))
    const program = join(import.meta.dirname, "../fixtures/runtime/crowd.ts")
    super(process.execPath, [program, file], { stdio: ["pipe", "pipe", "pipe"] })
  }

  get reported(): ReadonlyArray<Reported> {
    return this.events as unknown as ReadonlyArray<Reported>
  }

  of(...tags: ReadonlyArray<string>): ReadonlyArray<Reported> {
    return this.reported.filter(({ _tag }) => tags.includes(_tag))
  }

  async booted(): Promise<void> {
    await this.says(/"Booted"/)
  }

  async blocked(ms: number): Promise<void> {
    this.process.stdin!.write(`${ms}\n`)
    await this.says(/"Blocked"/)
  }

  async closed(): Promise<void> {
    this.process.stdin!.end()
    expect(await this.code, this.stderr).toBe(0)
  }
}

/** The duration of the load is what is tested; this does not wait for anything. */
const lasts = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

it(
  `${leaves} leaves that beat are never convicted on a busy machine for ${seconds} s, and one that hangs is`,
  async () => {
    const crowded = new Crowd(crowd(leaves, 20))
    const burners: Array<Running> = []
    try {
      await crowded.booted()
      for (let i = 0; i < BURNERS; i++) burners.push(new Running("sh", ["-c", "while :; do :; done"]))
      const part = (seconds * 1_000 - stoppedMs - blockedMs) / 3
      await lasts(part)
      crowded.kill("SIGSTOP")
      await lasts(stoppedMs)
      crowded.kill("SIGCONT")
      await lasts(part)
      await crowded.blocked(blockedMs)
      await lasts(part)
      await crowded.until("conviction of the leaf that hangs", () => crowded.of("Exited")[0])
      const before = crowded.reported.length
      await crowded.closed()
      const suspects = crowded.of("Suspected").filter(({ path }) => !path.endsWith("/hung"))
      const summary = `${leaves} leaves, ${seconds} s: ${suspects.length} suspicions of healthy leaves, ${crowded.of("Cleared").length} cleared`
      console.log(`${summary}, ${crowded.of("Convicted").length - 1} of them convicted`)
      const convictions = crowded.reported
        .slice(0, before)
        .filter(({ _tag }) => ["Convicted", "CommonSilence", "Exited", "Ending"].includes(_tag))
      expect(convictions.map(({ _tag, path, exit }) => [_tag, path, exit?._tag])).toEqual([
        ["Convicted", `${rootPath}/fast/hung`, "Hung"],
        ["Exited", `${rootPath}/fast/hung`, "Hung"]
      ])
      // On such a machine a leaf may be suspected now and then; many of them would be our fault.
      expect(suspects.length).toBeLessThanOrEqual(leaves / 4)
    } finally {
      for (const burner of burners) burner.kill("SIGKILL")
      for (const burner of burners) await burner.ended
    }
  },
  seconds * 1_000 + 3 * PATIENCE_MS
)

it(
  "a whole group, leaves and supervisor, is stopped and continued: none is convicted",
  async () => {
    const crowded = new Crowd(crowd(20))
    await crowded.booted()
    await lasts(1_500) // to learn how they beat
    const pids = living().flatMap(({ pid, path }) => (path === undefined ? [] : [pid]))
    expect(pids).toHaveLength(20)
    const all = [crowded.pid, ...pids]
    for (const pid of all) expect(signal(pid, "SIGSTOP")).toBe(true)
    await lasts(3_000)
    // We run first, and hear no leaf for a moment.
    crowded.kill("SIGCONT")
    await lasts(300)
    for (const pid of pids) signal(pid, "SIGCONT")
    await lasts(1_500)
    expect(crowded.of("Convicted", "CommonSilence", "Exited", "Ending")).toEqual([])
    await crowded.closed()
    await eventually("all leaves have gone", () => pids.every((pid) => !isAlive(pid)))
  },
  3 * PATIENCE_MS
)
