/**
 * Pids that are given out again within a moment: in a namespace that has few, leaves start, leave processes behind, are
 * signalled and stopped at any time, beside strangers that are meant to get none of it. Three seconds; a minute if
 * everything is required; ten by `npm run soak:pids`.
 */
import { spawn } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { release } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { native } from "../runtime/native.ts"
import { eventually, temporaryFolder } from "../runtime/processes.ts"
import { type DrivenKeeper, type Frame, keeperUnderTest, RELEASED, startProgram } from "./DrivenKeeper.ts"
import { KILL, OWN, words } from "./frames.ts"
import { ENTER, withoutNamespace } from "./namespace.ts"

const SECONDS = Number(process.env.SECONDS ?? (process.env.REQUIRE_ALL === "1" ? 60 : 3))
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))

/** How many pids there are. The kernel takes none below 301. */
const PIDS = 400
const STRANGERS = 40
const LEAVES = 20
const TURN_MS = 5

const [major = 0, minor = 0] = release().split(".").map(Number)
/** Since Linux 6.14 each namespace has a limit of its own; before, its count is set back. */
const hasOwnLimit = major > 6 || (major === 6 && minor >= 14)

const it = test.skipIf(withoutNamespace)

interface Strangers {
  /** How many there were, one after the other. */
  readonly count: number
  /** How often each signal has reached one of them. */
  readonly signals: { readonly [signal: string]: number }
}

/** Process 1 is the guard; a shell has started the strangers before it became that. */
function begin(folder: string): DrivenKeeper {
  const limit = hasOwnLimit ? `echo ${PIDS} > /proc/sys/kernel/pid_max` : ":"
  const strangers = `"$1" ${STRANGERS} "$2/stop" "$2/report" ${hasOwnLimit ? "" : "rewind"}`
  const script = `${limit} && { ${strangers} & exec "$0"; }`
  return startProgram("unshare", [...ENTER, "sh", "-ec", script, keeperUnderTest(RELEASED), native("strangers"), folder])
}

async function strangersOf(folder: string): Promise<Strangers> {
  writeFileSync(join(folder, "stop"), "")
  const text = await eventually("the strangers have reported", () => {
    return existsSync(join(folder, "report")) && /^\d+\n/.test(readFileSync(join(folder, "report"), "utf8"))
  }).then(() => readFileSync(join(folder, "report"), "utf8"))
  const [count, ...rows] = text.trim().split("\n")
  return { count: Number(count), signals: Object.fromEntries(rows.map((row) => row.split(" ")).map(([signal, n]) => [signal, Number(n)])) }
}

/** Repeats with the seed, as far as the machine does. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const COMMANDS = [
  "exit 0",
  "exec sleep 1000",
  "(sleep 0.05 &); exit 0",
  "(setsid sleep 0.05 &); exit 0",
  "trap '' TERM; (sleep 1000 &); sleep 1000",
  "sleep 1000 & setsid sleep 1000 & sleep 0.02"
]
const SIGNALS = [1, 10, 12, 15, 18]

class Churn {
  starts = 0
  signals = 0
  private acknowledged = 0
  private readonly keeper: DrivenKeeper
  private readonly below = random(SEED)
  private readonly leaves = Array.from({ length: LEAVES }, () => ({ incarnation: 0, isOver: true }))

  constructor(keeper: DrivenKeeper) {
    this.keeper = keeper
  }

  turn(): void {
    for (const frame of this.keeper.frames.splice(0)) this.hear(frame)
    for (const [leaf, one] of this.leaves.entries()) {
      // For a few turns it is signalled although it has ended.
      if (one.isOver && this.below(4) === 0) this.start(leaf, one)
      else if (this.below(4) === 0) this.signal(leaf, one.incarnation)
      else if (this.below(12) === 0) this.keeper.send("STOP", words(leaf, one.incarnation, [0, 10, KILL, OWN][this.below(4)]!, 0))
    }
    const ack = Buffer.alloc(8)
    ack.writeBigUInt64LE(BigInt(this.acknowledged))
    this.keeper.send("ACK", ack)
  }

  private hear({ type, n, leaf, incarnation }: Frame): void {
    if (n !== undefined) this.acknowledged = n
    const one = this.leaves[leaf!]
    if ((type === "EXITED" || type === "NOT_STARTED") && one?.incarnation === incarnation) one!.isOver = true
  }

  private start(leaf: number, one: (typeof this.leaves)[number]): void {
    one.incarnation++
    one.isOver = false
    this.starts++
    const command = COMMANDS[this.below(COMMANDS.length)]!
    this.keeper.spawn({ leaf, argv: ["/bin/sh", "-c", command], shutdown: 20, toLeader: this.below(3) === 0 }, one.incarnation)
  }

  /** Often one that has just ended. */
  private signal(leaf: number, incarnation: number): void {
    this.signals++
    const which = this.below(3) === 0 ? Math.max(1, incarnation - 1) : incarnation
    const signalAndTarget = SIGNALS[this.below(SIGNALS.length)]! | (this.below(2) << 16)
    this.keeper.send("SIGNAL", words(leaf, which, signalAndTarget, 0))
  }
}

it(`sends no signal to a stranger that was given the pid of a leaf, in ${SECONDS} s`, { timeout: SECONDS * 1000 + 60_000 }, async () => {
  const folder = temporaryFolder()
  const keeper = begin(folder)
  try {
    await keeper.hello()
    keeper.send("ENV", Buffer.from("PATH=/usr/bin:/bin\0"))
    const churn = new Churn(keeper)
    const end = performance.now() + SECONDS * 1000
    while (performance.now() < end && !keeper.ended) {
      churn.turn()
      await new Promise((later) => setTimeout(later, TURN_MS))
    }
    const { count, signals } = await strangersOf(folder)
    const rounds = Math.floor((count + churn.starts) / PIDS)
    console.log(
      `${churn.starts} starts and ${churn.signals} signals beside ${count} strangers, so each pid was given out some ${rounds} times; ` +
        `signals to strangers: ${JSON.stringify(signals)}; SEED=${SEED}.`
    )
    expect(signals, `SEED=${SEED}`).toEqual({})
    expect(rounds).toBeGreaterThan(1)
    keeper.send("QUIT")
    expect(await keeper.exited).toBe(0)
    expect(keeper.complaints()).toBe("")
  } finally {
    keeper.process.kill("SIGKILL")
  }
})

it("would notice a signal to a stranger", async () => {
  const folder = temporaryFolder()
  const child = spawn(native("strangers"), ["3", join(folder, "stop"), join(folder, "report")], { stdio: "ignore" })
  try {
    await eventually("there are strangers", () => childrenOf(child.pid!).some((pid) => process.kill(pid, "SIGUSR1")))
    expect((await strangersOf(folder)).signals).toEqual({ 10: 1 })
  } finally {
    child.kill("SIGKILL")
  }
})

const childrenOf = (pid: number): ReadonlyArray<number> =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .split(" ")
    .map(Number)
    .filter((child) => child > 1)
