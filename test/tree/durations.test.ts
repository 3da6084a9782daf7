import { describe, expect, it } from "vitest"
import { longestDuration, parseDuration, printDuration, sayDuration, sayElapsed } from "../../src/tree/duration.ts"

describe("durations", () => {
  it.each([
    ["5 seconds", 5000],
    ["1 second", 1000],
    ["250 millis", 250],
    ["1 milli", 1],
    ["2 minutes", 120_000],
    ["1 hour", 3_600_000],
    ["3 days", 259_200_000],
    ["5s", 5000],
    ["250ms", 250],
    ["10m", 600_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["1.5s", 1500],
    [".5 seconds", 500],
    ["0.25 minutes", 15_000],
    ["0s", 0],
    ["0 seconds", 0],
    ["0.1s", 100],
    ["1.005s", 1005]
  ])("%s is %d ms", (text, millis) => {
    expect(parseDuration(text)).toBe(millis)
  })

  it("are whole milliseconds, and a positive one never becomes zero", () => {
    expect(parseDuration("1.4ms")).toBe(1)
    expect(parseDuration("1.6ms")).toBe(2)
    expect(parseDuration("0.001ms")).toBe(1)
  })

  it.each([
    "",
    "5",
    "s",
    "5 ",
    " 5s",
    "5  seconds",
    "-5s",
    "+5s",
    "1e3s",
    "5S",
    "5 Seconds",
    "5 sec",
    "Infinity s",
    "NaNs",
    "5s ",
    "1.s",
    "1:30",
    "PT5S",
    "5 weeks"
  ])("%j is not a duration", (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  it.each([
    [0, "0 seconds"],
    [1, "1 milli"],
    [100, "100 millis"],
    [1000, "1 second"],
    [1500, "1500 millis"],
    [5000, "5 seconds"],
    [60_000, "1 minute"],
    [90_000, "90 seconds"],
    [3_600_000, "1 hour"],
    [86_400_000, "1 day"],
    [172_800_000, "2 days"]
  ])("%d ms is written %s", (millis, text) => {
    expect(printDuration(millis)).toBe(text)
  })

  it("survive printing and parsing", () => {
    const steps = [1, 7, 999, 1000, 59_999, 60_000, 3_599_000, 86_400_000, longestDuration - 1]
    for (const millis of steps) expect(parseDuration(printDuration(millis))).toBe(millis)
  })

  it.each([
    [0, "0ms", "0s"],
    [849.6, "850ms", "0s"],
    [1549, "1.5s", "1s"],
    [9960, "10s", "9s"],
    [59_600, "1m", "59s"],
    [60_000, "1m", "1m 00s"],
    [125_000, "2m 5s", "2m 05s"],
    [200_000, "3m 20s", "3m 20s"],
    [7_259_000, "2h", "2h 00m"],
    [7_500_000, "2h 5m", "2h 05m"],
    [86_400_000 * 3 + 3_600_000 * 4, "3d 4h", "3d 04h"]
  ])("%d ms is %s in short, and %s in a table", (millis, short, elapsed) => {
    expect([sayDuration(millis), sayElapsed(millis)]).toEqual([short, elapsed])
  })
})
