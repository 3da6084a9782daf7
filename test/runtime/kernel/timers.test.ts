/** One heap with one timer, on a simulated clock. */
import { describe, expect, it } from "vitest"
import { makeTimers } from "../../../src/runtime/kernel/Timers.ts"
import { SimulatedClock } from "../../../src/sim/SimulatedClock.ts"

function alarms() {
  const fired: Array<string> = []
  const clock = new SimulatedClock()
  const timers = makeTimers<string>(clock, clock.now, ({ item }) => void fired.push(item))
  return { clock, timers, fired, begin: 0 }
}

describe("timers", () => {
  it("fire in order of time, whatever the order in which they were added", () => {
    const { clock, timers, fired, begin } = alarms()
    for (const at of [50, 10, 40, 10, 30, 0, 20]) timers.add(begin + at, String(at))
    clock.pass(25)
    expect(fired).toEqual(["0", "10", "10", "20"])
    clock.pass(25)
    expect(fired).toEqual(["0", "10", "10", "20", "30", "40", "50"])
  })

  it("an earlier one that is added later does not wait for the one before", () => {
    const { clock, timers, fired, begin } = alarms()
    timers.add(begin + 1000, "late")
    timers.add(begin + 10, "early")
    clock.pass(10)
    expect(fired).toEqual(["early"])
  })

  it("need one timer of the clock, also when they come earlier and earlier, and none when they are cleared", () => {
    const { clock, fired } = alarms()
    let armed = 0
    const after = (ms: number, then: () => void): (() => void) => {
      armed++
      const cancel = clock.after(ms, () => {
        armed--
        then()
      })
      return () => {
        armed--
        cancel()
      }
    }
    const timers = makeTimers<string>({ after, turned: clock.turned }, clock.now, ({ item }) => void fired.push(item))
    for (const at of [50, 40, 30, 45]) {
      timers.add(at, String(at))
      expect(armed).toBe(1)
    }
    timers.clear()
    expect(armed).toBe(0)
    timers.add(60, "after that")
    clock.pass(60)
    expect(fired).toEqual(["after that"])
  })

  it("wait longer than Node's longest timer", () => {
    const { clock, timers, fired, begin } = alarms()
    timers.add(begin + 2 ** 31 + 5000, "in 25 days")
    clock.pass(2 ** 31)
    expect(fired).toEqual([])
    clock.pass(5000)
    expect(fired).toEqual(["in 25 days"])
  })

  it("many in random order fire in order of time", () => {
    const { clock, timers, fired, begin } = alarms()
    let seed = 7
    const times = Array.from({ length: 2000 }, () => (seed = (seed * 48_271) % 2_147_483_647) % 5000)
    for (const at of times) timers.add(begin + at, String(at))
    clock.pass(5000)
    expect(fired.map(Number)).toEqual([...times].sort((a, b) => a - b))
  })

  it("a late one lets events that wait to be read come first", () => {
    const clock = new SimulatedClock()
    const said: Array<string> = []
    let stalled = 0
    const timers = makeTimers<string>(
      clock,
      () => clock.now() + stalled,
      ({ item, since, at }) => void said.push(`${item}, ${since} to ${at}`)
    )
    timers.add(10, "timeout")
    stalled = 5000 // we were stopped, or busy
    clock.after(10, () => void said.push("what was there to be read"))
    clock.pass(10)
    expect(said).toEqual(["what was there to be read", "timeout, 0 to 10"])
  })

  it("do not fire once cleared", () => {
    const { clock, timers, fired, begin } = alarms()
    timers.add(begin + 10, "never")
    timers.clear()
    clock.pass(100)
    expect(fired).toEqual([])
  })
})
