/**
 * What is left when the keeper or the guard above it is killed: nothing, daemons and what ignores SIGTERM included. A
 * few rounds; two hundred by `npm run soak:deaths`.
 */
import { readFileSync } from "node:fs"
import { afterEach, expect } from "vitest"
import { readStat } from "../../src/leaf/os/proc.ts"
import { eventually } from "../runtime/processes.ts"
import { type DrivenKeeper, it, keeperUnderTest, RELEASED, startProgram } from "./DrivenKeeper.ts"

const ROUNDS = Number(process.env.ROUNDS ?? (process.env.REQUIRE_ALL === "1" ? 20 : 5))
const TIMEOUT_MS = 60_000 + ROUNDS * 5_000

const STUBBORN = "trap '' TERM; while :; do sleep 1000; done"

/** Each with the number of its processes. */
const COMMANDS: ReadonlyArray<readonly [command: string, processes: number]> = [
  ["exec sleep 1000", 1],
  ["sleep 1000 & exec sleep 1000", 2],
  ["setsid sleep 1000 & exec sleep 1000", 2],
  ["(setsid sh -c 'sleep 1000 & exec sleep 1000' &); exec sleep 1000", 3],
  ["setsid env -i /bin/sleep 1000 & exec sleep 1000", 2],
  [STUBBORN, 2],
  [`setsid sh -c "${STUBBORN}" & ${STUBBORN}`, 4],
  ["kill -STOP $$", 1]
]
const PROCESSES = COMMANDS.reduce((sum, [, processes]) => sum + processes, 0)

interface Found {
  readonly pid: number
  readonly startTime: number
}

/** Everything below a process; those that have left their group, too. */
function below(pid: number): ReadonlyArray<Found> {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number)
  return children.flatMap((child) => {
    const stat = readStat(child)
    return typeof stat === "string" || !stat.alive ? [] : [{ pid: child, startTime: stat.startTime }, ...below(child)]
  })
}

function isThere({ pid, startTime }: Found): boolean {
  const stat = readStat(pid)
  return typeof stat !== "string" && stat.alive && stat.startTime === startTime
}

interface Running {
  readonly guard: DrivenKeeper
  readonly keeper: Found
  readonly left: ReadonlyArray<Found>
}

let running: Running | undefined

/** What a failed test leaves behind. */
afterEach(() => {
  const { guard, keeper, left } = running ?? {}
  guard?.process.kill("SIGKILL")
  for (const one of [keeper, ...(left ?? [])]) if (one !== undefined && isThere(one)) process.kill(one.pid, "SIGKILL")
  running = undefined
})

async function start(): Promise<Running> {
  const guard = startProgram(keeperUnderTest(RELEASED), [])
  await guard.hello()
  guard.send("ENV", Buffer.from("PATH=/usr/bin:/bin\0"))
  for (const [leaf, [command]] of COMMANDS.entries()) guard.spawn({ leaf, argv: ["/bin/sh", "-c", command], shutdown: 100 })
  for (const leaf of COMMANDS.keys()) await guard.pid(leaf)
  const keeper = below(guard.process.pid!)[0]!
  const left = await eventually(`there are ${PROCESSES} processes`, () => {
    const found = below(keeper.pid)
    return found.length === PROCESSES && found
  })
  running = { guard, keeper, left }
  return running
}

/** How many milliseconds it takes until none of them is there. */
async function gone(left: ReadonlyArray<Found>): Promise<number> {
  const begin = performance.now()
  await eventually("all have ended", () => !left.some(isThere))
  return performance.now() - begin
}

const figures = (times: ReadonlyArray<number>): string => {
  const sorted = times.toSorted((a, b) => a - b).map(Math.round)
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, at most ${sorted.at(-1)} ms`
}

it(`leaves nothing behind when the keeper is killed, ${ROUNDS} times`, { timeout: TIMEOUT_MS }, async () => {
  const times: Array<number> = []
  for (let round = 0; round < ROUNDS; round++) {
    const { guard, keeper, left } = await start()
    process.kill(keeper.pid, "SIGKILL")
    times.push(await gone(left))
    expect(await guard.exited).toBe(137)
  }
  console.log(`The keeper was killed ${ROUNDS} times, with ${PROCESSES} processes; the last of them was gone after ${figures(times)}.`)
})

it(`leaves nothing behind when the guard is killed: the keeper ends all before it ends, ${ROUNDS} times`, {
  timeout: TIMEOUT_MS
}, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { guard, keeper, left } = await start()
    guard.process.kill("SIGKILL")
    await eventually("the keeper has ended", () => !isThere(keeper))
    expect(left.filter(isThere)).toEqual([])
  }
})
