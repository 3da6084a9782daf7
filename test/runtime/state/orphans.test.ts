/** Which processes count as left behind, and how they are listed. */
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { it as effectIt } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { expect, it } from "vitest"
import { linkOf, ownProcesses, readStat } from "../../../src/leaf/os/proc.ts"
import { endOrphans, listed, orphansOf, sayOrphans } from "../../../src/runtime/state/orphans.ts"
import { temporaryFolder } from "../processes.ts"

const orphan = (path: string, pid: number) => ({ path, pid, startTime: 1, group: pid })

it("names them by path, and counts the paths beyond twenty", () => {
  const all = Array.from({ length: 22 }, (_, n) => orphan(`/r/${n}`, 100 + n))
  const twenty = all.slice(0, 20)
  expect(listed([orphan("/r/a", 12), orphan("/r/b", 14), orphan("/r/a", 13)])).toBe("/r/a (pid 12, 13), /r/b (pid 14)")
  expect(listed(twenty)).toBe(twenty.map(({ path, pid }) => `${path} (pid ${pid})`).join(", "))
  expect(listed(all)).toBe(`${listed(twenty)} and 2 more paths`)
})

it("the command that ends them can be copied into a shell", () => {
  const command = (state: string) => /To end them: (.*)$/.exec(sayOrphans(state, [orphan("/r/a", 12)]))?.[1]
  expect(command("/srv/.supervise")).toBe("supervise doctor --kill --state /srv/.supervise")
  expect(command("/my shop's/.supervise")).toBe("supervise doctor --kill --state '/my shop'\\''s/.supervise'")
})

it("neither this process nor what has started it counts, though it is known", () => {
  const state = join(temporaryFolder(), ".supervise")
  const known = [process.pid, process.ppid].map((pid) => {
    const { startTime, group } = readStat(pid) as Exclude<ReturnType<typeof readStat>, string>
    return { path: "/r/a", pid, startTime, group }
  })
  expect(orphansOf(state, known)).toEqual([])
})

it("one that is known still counts, but only with both its pid and its start time", () => {
  const sleep = spawn("sleep", ["1000"], { detached: true })
  try {
    const [state, pid] = [join(temporaryFolder(), ".supervise"), sleep.pid!]
    const { startTime, group } = readStat(pid) as Exclude<ReturnType<typeof readStat>, string>
    const known = { path: "/r/a", pid, startTime, group }
    expect(orphansOf(state)).toEqual([])
    expect(orphansOf(state, [known])).toEqual([known])
    expect(orphansOf(state, [{ ...known, pid: 2 ** 22 + 1 }])).toEqual([])
    expect(orphansOf(state, [{ ...known, startTime: startTime - 1 }])).toEqual([])
  } finally {
    sleep.kill("SIGKILL")
  }
})

const NAMESPACE = linkOf("/proc/self/ns/pid")
const GONE = `${2 ** 22 + 1} 1 ${NAMESPACE}`

/** Left behind by a supervisor that no longer exists; it says a word when its script runs. */
function leftBehind(state: string, script: string, SUPERVISE_SUPERVISOR = GONE) {
  const env = { ...process.env, SUPERVISE_STATE: state, SUPERVISE_PATH: "/r/a", SUPERVISE_SUPERVISOR }
  const child = spawn("sh", ["-c", `${script}; echo ready; exec sleep 1000`], { detached: true, env, stdio: ["ignore", "pipe", "ignore"] })
  const exit = once(child, "exit")
  return {
    child,
    ready: Effect.promise(() => once(child.stdout, "data")),
    ended: Effect.promise(() => exit)
  }
}

effectIt.effect("they are asked to end, stopped ones too, and what has not after five seconds is killed", () =>
  Effect.gen(function* () {
    const state = join(temporaryFolder(), ".supervise")
    const [obedient, stopped, deaf] = [leftBehind(state, ":"), leftBehind(state, ":"), leftBehind(state, "trap '' TERM")]
    const all = [obedient, stopped, deaf]
    yield* Effect.addFinalizer(() => Effect.sync(() => all.map(({ child }) => child.kill("SIGKILL"))))
    for (const { ready } of all) yield* ready
    stopped.child.kill("SIGSTOP")
    const ending = yield* Effect.forkChild(endOrphans(state), { startImmediately: true })
    expect([yield* obedient.ended, yield* stopped.ended]).toEqual([
      [null, "SIGTERM"],
      [null, "SIGTERM"]
    ])
    for (let round = 1; round < 50; round++) yield* TestClock.adjust(100)
    const isAlive = () => (readStat(deaf.child.pid!) as { readonly alive?: boolean }).alive
    execFileSync("true") // what was sent has arrived
    expect(isAlive()).toBe(true)
    yield* TestClock.adjust(100)
    expect(yield* deaf.ended).toEqual([null, "SIGKILL"])
    expect(ending.pollUnsafe()).toBeUndefined()
    yield* TestClock.adjust(100)
    expect(yield* Fiber.join(ending)).toEqual([])
  }).pipe(Effect.scoped)
)

effectIt.effect("whether its supervisor has ended can be told only of one in our namespace", () =>
  Effect.gen(function* () {
    const state = join(temporaryFolder(), ".supervise")
    const elsewhere = ["soon 1", "0 1", "-1 1"].map((pid) => `${pid} ${NAMESPACE}`)
    const all = [...elsewhere, GONE.replace(NAMESPACE, "pid:[1]"), GONE].map((supervisor) => leftBehind(state, ":", supervisor))
    yield* Effect.addFinalizer(() => Effect.sync(() => all.map(({ child }) => child.kill("SIGKILL"))))
    for (const { ready } of all) yield* ready
    expect(orphansOf(state).map(({ pid }) => pid)).toEqual([all.at(-1)!.child.pid])
  }).pipe(Effect.scoped)
)

effectIt.effect("one that has died and was not waited for has ended, as a supervisor and as an orphan", () =>
  Effect.gen(function* () {
    const parent = spawn("sh", ["-c", "sleep 0 & exec sleep 1000"], { stdio: "ignore" })
    yield* Effect.addFinalizer(() => Effect.sync(() => parent.kill("SIGKILL")))
    const zombie = yield* Effect.repeat(
      Effect.sync(() => zombiesOf(parent.pid!)),
      { until: (found) => found.length > 0 }
    ).pipe(Effect.map(([found]) => found!))
    const state = join(temporaryFolder(), ".supervise")
    const left = leftBehind(state, ":", `${zombie.pid} ${zombie.startTime} ${NAMESPACE}`)
    yield* Effect.addFinalizer(() => Effect.sync(() => left.child.kill("SIGKILL")))
    yield* left.ready
    expect(orphansOf(state, [zombie]).map(({ pid }) => pid)).toEqual([left.child.pid])
  }).pipe(Effect.scoped)
)

const zombiesOf = (parent: number) =>
  ownProcesses().flatMap((pid) => {
    const stat = readStat(pid)
    return typeof stat !== "string" && stat.parent === parent && !stat.alive ? [{ ...stat, pid, path: "/r/a" }] : []
  })

effectIt.effect("one in our own group does not make orphans of the others there", () =>
  Effect.gen(function* () {
    const state = join(temporaryFolder(), ".supervise")
    const env = { ...process.env, SUPERVISE_STATE: state, SUPERVISE_PATH: "/r/a", SUPERVISE_SUPERVISOR: GONE }
    const [left, other] = [spawn("sleep", ["1000"], { env }), spawn("sleep", ["1000"])]
    yield* Effect.addFinalizer(() => Effect.sync(() => [left, other].map((child) => child.kill("SIGKILL"))))
    const found = yield* Effect.repeat(
      Effect.sync(() => orphansOf(state)),
      { until: (orphans) => orphans.length > 0 }
    )
    expect(found.map(({ pid }) => pid)).toEqual([left.pid])
  }).pipe(Effect.scoped)
)

effectIt.effect("they are asked once", () =>
  Effect.gen(function* () {
    const state = join(temporaryFolder(), ".supervise")
    const stubborn = leftBehind(state, "trap 'echo asked' TERM; echo ready; while :; do sleep 0.01; done")
    const said: Array<string> = []
    stubborn.child.stdout.on("data", (chunk) => said.push(...String(chunk).trim().split("\n")))
    yield* Effect.addFinalizer(() => Effect.sync(() => stubborn.child.kill("SIGKILL")))
    yield* stubborn.ready
    const ending = yield* Effect.forkChild(endOrphans(state), { startImmediately: true })
    for (let round = 0; round < 50; round++) yield* TestClock.adjust(100)
    expect(yield* stubborn.ended).toEqual([null, "SIGKILL"])
    yield* TestClock.adjust(100)
    yield* Fiber.join(ending)
    expect(said.filter((word) => word === "asked")).toHaveLength(1)
  }).pipe(Effect.scoped)
)

effectIt.effect("with none left it is over at once", () =>
  Effect.gen(function* () {
    expect(yield* endOrphans(join(temporaryFolder(), ".supervise"))).toEqual([])
  })
)
