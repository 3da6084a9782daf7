import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { type Notice, Notices, statusAfter } from "../../../src/leaf/keeper/Notices.ts"

const nothing: Notice = {
  ...{ isReady: false, isReloading: false, isStopping: false, hasFailed: false },
  ...{ status: undefined, error: undefined, extendMs: undefined }
}

describe("the status of a process", () => {
  it.each<[before: string, Partial<Notice>, after: string]>([
    ["", {}, ""],
    ["busy", {}, "busy"],
    ["busy", { status: " 3 clients\n" }, "3 clients"],
    ["busy", { status: "" }, ""],
    ["busy", { isReady: true }, "busy"],
    ["busy", { isReloading: true }, "reloading"],
    ["reloading", { isReady: true }, ""],
    ["reloading", { isReady: true, status: "well" }, "well"],
    ["busy", { isReloading: true, status: "reads its files" }, "reads its files"],
    ["busy", { isStopping: true }, "stopping"],
    ["busy", { error: 13 }, "error 13"],
    ["busy", { error: 0 }, "busy"],
    ["busy", { hasFailed: true, extendMs: 5 }, "busy"]
  ])("%j, and then %j: %j", (before, said, after) => {
    expect(statusAfter(before, { ...nothing, ...said })).toBe(after)
  })
})

describe("what a process says", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "hrtime"] }))
  afterEach(() => void vi.useRealTimers())

  const begin = () => {
    const told: Array<unknown> = []
    const notices = new Notices((news) => told.push(news))
    const now = (): number => process.hrtime()[0] * 1e3 + process.hrtime()[1] / 1e6
    return { told, notices, say: (said: Partial<Notice>) => notices.add({ ...nothing, ...said }, now()) }
  }

  it("is passed on at once, and then at intervals, the last of it always", () => {
    const { told, say } = begin()
    for (let percent = 0; percent < 50; percent++) say({ status: `${percent} %` })
    expect(told).toEqual([{ status: "0 %" }])
    vi.advanceTimersByTime(99)
    expect(told).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(told).toEqual([{ status: "0 %" }, { status: "49 %" }])
    vi.advanceTimersByTime(1_000)
    expect(told).toHaveLength(2)
    say({ status: "done" })
    expect(told.at(-1)).toEqual({ status: "done" })
  })

  it("is passed on only if it is new", () => {
    const { told, say } = begin()
    say({ status: "well" })
    vi.advanceTimersByTime(1_000)
    say({ status: "well" })
    say({ isReady: true })
    say({ hasFailed: true })
    vi.advanceTimersByTime(1_000)
    expect(told).toEqual([{ status: "well" }])
  })

  it("gives it more time, up to an hour, from when it said so", () => {
    const { told, say } = begin()
    say({ extendMs: 5_000 })
    say({ extendMs: 8_000, status: "halfway" })
    vi.advanceTimersByTime(100)
    vi.advanceTimersByTime(100)
    say({ extendMs: 1e12 })
    expect(told).toEqual([{ extendMs: 5_000 }, { status: "halfway", extendMs: 7_900 }, { extendMs: 3_600_000 }])
  })

  it("is complete before it ends, and nothing comes after that", () => {
    const { told, notices, say } = begin()
    say({ status: "stopping" })
    say({ status: "closed all files" })
    notices.end()
    vi.advanceTimersByTime(1_000)
    expect(told).toEqual([{ status: "stopping" }, { status: "closed all files" }])
    expect(vi.getTimerCount()).toBe(0)
  })
})
