import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { afterEach, describe, expect, it, vi } from "vitest"
import { EventLoopLag, type EventLoopLagOptions, STALLS_REMEMBERED } from "../../src/leaf/EventLoopLag.ts"
import { monotonicMs } from "../../src/leaf/os/monotonic.ts"
import { eventually, fixture } from "./LeafRecorder.ts"

afterEach(() => {
  vi.useRealTimers()
})

/** An EventLoopLag with a period of 100 ms, on our own clocks. */
function simulatedLag(options: EventLoopLagOptions = {}) {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
  let now = 5_000
  let boot = 90_000
  const lag = new EventLoopLag({ now: () => now, sinceBoot: () => boot, ...options })
  return {
    lag,
    /** The loop turns for this long, and its timers are on time. */
    turns: (ms: number) => {
      for (let i = 0; i < ms; i++) {
        now += 1
        boot += 1
        vi.advanceTimersByTime(1)
      }
    },
    /** Time passes, and no timer fires. */
    stands: (ms: number) => {
      now += ms
      boot += ms
    },
    sleeps: (ms: number) => {
      boot += ms
    },
    /** The loop turns again: due timers fire. */
    wakes: () => vi.runOnlyPendingTimers(),
    now: () => now
  }
}

describe("our own lag", () => {
  it("is zero while the loop turns", () => {
    const { lag, turns, now } = simulatedLag()
    lag.measure()
    turns(1_050)
    expect(lag.overlap(0, now())).toBe(0)
  })

  it("counts from when the late timer was due, as far as it overlaps the time asked for", () => {
    const { lag, stands, wakes, turns } = simulatedLag()
    lag.measure() // due at 5100
    stands(500)
    wakes() // at 5500
    turns(150)
    expect(lag.overlap(5_000, 6_000)).toBe(400)
    expect(lag.overlap(5_200, 5_300)).toBe(100)
    expect(lag.overlap(5_450, 5_600)).toBe(50)
    expect(lag.overlap(5_500, 5_600)).toBe(0)
    expect(lag.overlap(0, 5_100)).toBe(0)
    expect(lag.overlap(6_000, 5_000)).toBe(0)
  })

  it("is known before the stall is over", () => {
    const { lag, stands, wakes, now } = simulatedLag()
    lag.measure()
    stands(105)
    expect(lag.overlap(0, now())).toBe(0) // too little to be a stall
    stands(395)
    expect(lag.overlap(0, now())).toBe(400)
    wakes()
    expect(lag.overlap(0, now())).toBe(400)
    stands(300)
    expect(lag.overlap(0, now())).toBe(600)
  })

  it("covers a limited number of stalls, the newest", () => {
    const { lag, stands, wakes, now } = simulatedLag()
    lag.measure()
    for (let i = 0; i < STALLS_REMEMBERED + 50; i++) {
      stands(120)
      wakes()
    }
    expect(lag.overlap(0, now())).toBe(20 * STALLS_REMEMBERED)
  })

  it("is measured until all users have stopped, and the time without a user is no stall", () => {
    const { lag, stands, wakes, now } = simulatedLag()
    const [first, second] = [lag.measure(), lag.measure()]
    first()
    first()
    expect(vi.getTimerCount()).toBe(1)
    stands(300)
    wakes()
    second()
    expect(vi.getTimerCount()).toBe(0)
    stands(10_000)
    expect(lag.overlap(0, now())).toBe(200)
    const third = lag.measure()
    expect(lag.overlap(0, now())).toBe(200)
    stands(300)
    expect(lag.overlap(0, now())).toBe(400)
    third()
    expect(vi.getTimerCount()).toBe(0)
  })

  it("includes the time in which our process was suspended", async () => {
    const child = spawn(process.execPath, [fixture("lagging.ts")], { stdio: ["pipe", "pipe", "inherit"] })
    try {
      let said = ""
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk
      })
      await eventually("it measures", () => said.includes("measures\n"))
      child.kill("SIGSTOP")
      await eventually("it stands still", () => /\) T/.test(readFileSync(`/proc/${child.pid}/stat`, "latin1")))
      const from = monotonicMs()
      await eventually("half a second is over", () => monotonicMs() > from + 500)
      const to = monotonicMs()
      child.kill("SIGCONT")
      child.stdin.write(`${from} ${to}\n`)
      await eventually("it answers", () => said.split("\n").length > 2)
      const overlap = Number(said.split("\n")[1])
      // It may have been stopped right after a tick, so one period of 50 ms is unknown.
      expect(overlap).toBeGreaterThanOrEqual(to - from - 50)
      expect(overlap).toBeLessThanOrEqual(to - from)
    } finally {
      child.kill("SIGKILL")
    }
  })
})

describe("sleep of the machine", () => {
  it("is how far the clock since boot has advanced on the other", () => {
    const { lag, turns, sleeps, now } = simulatedLag()
    lag.measure()
    turns(500)
    sleeps(900)
    turns(500)
    expect(lag.suspendedSince(0)).toBe(false)
    sleeps(60_000)
    const before = now()
    turns(500)
    expect(lag.suspendedSince(before - 1_000)).toBe(true)
    expect(lag.suspendedSince(before)).toBe(true)
    expect(lag.suspendedSince(now())).toBe(false)
    expect(lag.overlap(0, now())).toBe(0)
  })

  it("is noticed when asked for before the timer fires", () => {
    const { lag, sleeps, now } = simulatedLag()
    lag.measure()
    sleeps(5_000)
    expect(lag.suspendedSince(now() - 10)).toBe(true)
  })

  it("is not seen while nothing measures, or when the clock goes back", () => {
    const { lag, sleeps, turns } = simulatedLag()
    sleeps(60_000)
    expect(lag.suspendedSince(0)).toBe(false)
    const stop = lag.measure()
    expect(lag.suspendedSince(0)).toBe(false)
    sleeps(-60_000)
    turns(200)
    expect(lag.suspendedSince(0)).toBe(false)
    stop()
    sleeps(60_000)
    lag.measure()
    expect(lag.suspendedSince(0)).toBe(false)
  })

  it("has not happened here: the two real clocks run alike", () => {
    const lag = new EventLoopLag()
    const stop = lag.measure()
    expect(lag.suspendedSince(0)).toBe(false)
    stop()
  })
})
