import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { afterEach, describe, expect, it, vi } from "vitest"
import { EventLoopLag, type EventLoopLagOptions, STALLS_REMEMBERED } from "../../src/leaf/EventLoopLag.ts"
import { monotonicMs } from "../../src/leaf/os/monotonic.ts"
import { eventually, fixture } from "./witness.ts"

afterEach(() => {
  vi.useRealTimers()
})

/** A meter with a period of 100 ms, on clocks of our own. */
function metered(options: EventLoopLagOptions = {}) {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
  let now = 5_000
  let boot = 90_000
  const lag = new EventLoopLag({ now: () => now, sinceBoot: () => boot, ...options })
  return {
    lag,
    /** The loop turns for so long, and its timers are in time. */
    turns: (ms: number) => {
      for (let i = 0; i < ms; i++) {
        now += 1
        boot += 1
        vi.advanceTimersByTime(1)
      }
    },
    /** Time passes, and no timer comes. */
    stands: (ms: number) => {
      now += ms
      boot += ms
    },
    sleeps: (ms: number) => {
      boot += ms
    },
    /** The loop turns again: what was due comes. */
    wakes: () => vi.runOnlyPendingTimers(),
    now: () => now
  }
}

describe("our own lag", () => {
  it("is nothing while the loop turns", () => {
    const { lag, turns, now } = metered()
    lag.need()
    turns(1_050)
    expect(lag.overlap(0, now())).toBe(0)
  })

  it("is known when the timer comes late, from when it was due; and overlaps with a span as far as it does", () => {
    const { lag, stands, wakes, turns } = metered()
    lag.need() // due at 5100
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

  it("is known while it goes on", () => {
    const { lag, stands, wakes, now } = metered()
    lag.need()
    stands(105)
    expect(lag.overlap(0, now())).toBe(0) // so little is no stall
    stands(395)
    expect(lag.overlap(0, now())).toBe(400)
    wakes()
    expect(lag.overlap(0, now())).toBe(400)
    stands(300)
    expect(lag.overlap(0, now())).toBe(600)
  })

  it("is of a bounded number of stalls, the newest", () => {
    const { lag, stands, wakes, now } = metered()
    lag.need()
    for (let i = 0; i < STALLS_REMEMBERED + 50; i++) {
      stands(120)
      wakes()
    }
    expect(lag.overlap(0, now())).toBe(20 * STALLS_REMEMBERED)
  })

  it("is measured as long as somebody needs it, and the time in which nobody does is no stall", () => {
    const { lag, stands, wakes, now } = metered()
    const [first, second] = [lag.need(), lag.need()]
    first()
    first()
    expect(vi.getTimerCount()).toBe(1)
    stands(300)
    wakes()
    second()
    expect(vi.getTimerCount()).toBe(0)
    stands(10_000)
    expect(lag.overlap(0, now())).toBe(200)
    const third = lag.need()
    expect(lag.overlap(0, now())).toBe(200)
    stands(300)
    expect(lag.overlap(0, now())).toBe(400)
    third()
    expect(vi.getTimerCount()).toBe(0)
  })

  it("contains the time in which our process was stopped", async () => {
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
      // It may have been stopped right after a tick, so one period of 50 ms is not known.
      expect(overlap).toBeGreaterThanOrEqual(to - from - 50)
      expect(overlap).toBeLessThanOrEqual(to - from)
    } finally {
      child.kill("SIGKILL")
    }
  })
})

describe("sleep of the machine", () => {
  it("is what the clock since boot has gone ahead", () => {
    const { lag, turns, sleeps, now } = metered()
    lag.need()
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

  it("is noticed by whoever asks before the timer comes", () => {
    const { lag, sleeps, now } = metered()
    lag.need()
    sleeps(5_000)
    expect(lag.suspendedSince(now() - 10)).toBe(true)
  })

  it("is none while nobody measures, or where the clock goes back", () => {
    const { lag, sleeps, turns } = metered()
    sleeps(60_000)
    expect(lag.suspendedSince(0)).toBe(false)
    const release = lag.need()
    expect(lag.suspendedSince(0)).toBe(false)
    sleeps(-60_000)
    turns(200)
    expect(lag.suspendedSince(0)).toBe(false)
    release()
    sleeps(60_000)
    lag.need()
    expect(lag.suspendedSince(0)).toBe(false)
  })

  it("has not happened here: the two real clocks go alike", () => {
    const lag = new EventLoopLag()
    const release = lag.need()
    expect(lag.suspendedSince(0)).toBe(false)
    release()
  })
})
