/** One heap behind one timer, on a clock of our own. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { makeTimers } from "../../../src/runtime/kernel/Timers.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function alarms() {
  const fired: Array<string> = []
  const timers = makeTimers<string>(
    () => performance.now(),
    (item) => fired.push(item)
  )
  return { timers, fired, begin: performance.now() }
}

describe("timers", () => {
  it("fire in order of time, whatever the order they came in", () => {
    const { timers, fired, begin } = alarms()
    for (const at of [50, 10, 40, 10, 30, 0, 20]) timers.add(begin + at, String(at))
    vi.advanceTimersByTime(25)
    expect(fired).toEqual(["0", "10", "10", "20"])
    vi.advanceTimersByTime(25)
    expect(fired).toEqual(["0", "10", "10", "20", "30", "40", "50"])
  })

  it("an earlier one that comes later does not wait for the one before", () => {
    const { timers, fired, begin } = alarms()
    timers.add(begin + 1000, "late")
    timers.add(begin + 10, "early")
    vi.advanceTimersByTime(10)
    expect(fired).toEqual(["early"])
  })

  it("wait longer than Node's longest timer", () => {
    const { timers, fired, begin } = alarms()
    timers.add(begin + 2 ** 31 + 5000, "in 25 days")
    vi.advanceTimersByTime(2 ** 31)
    expect(fired).toEqual([])
    vi.advanceTimersByTime(5000)
    expect(fired).toEqual(["in 25 days"])
  })

  it("many, in random order, come sorted", () => {
    const { timers, fired, begin } = alarms()
    let seed = 7
    const times = Array.from({ length: 2000 }, () => (seed = (seed * 48_271) % 2_147_483_647) % 5000)
    for (const at of times) timers.add(begin + at, String(at))
    vi.advanceTimersByTime(5000)
    expect(fired.map(Number)).toEqual([...times].sort((a, b) => a - b))
  })

  it("one that comes too late lets everybody else speak first", () => {
    const clock = { now: 0 }
    const said: Array<string> = []
    const timers = makeTimers<string>(
      () => clock.now,
      (item, due) => said.push(`${item}, due at ${due}`)
    )
    timers.add(10, "verdict")
    clock.now = 5000 // we were stopped, or busy
    vi.advanceTimersToNextTimer()
    said.push("what was there to be read")
    vi.advanceTimersToNextTimer()
    expect(said).toEqual(["what was there to be read", "verdict, due at 10"])
  })

  it("are silent once cleared", () => {
    const { timers, fired, begin } = alarms()
    timers.add(begin + 10, "never")
    timers.clear()
    vi.advanceTimersByTime(100)
    expect(fired).toEqual([])
  })
})
