/**
 * The comparison of failure detectors as a real process: its output, for a trace of one's own too, and its sentences.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { Running } from "../runtime/command.ts"
import { temporaryFolder } from "../runtime/processes.ts"

const main = join(import.meta.dirname, "../../bench/detectors/main.ts")
const bench = (...args: ReadonlyArray<string>): Running => new Running(process.execPath, [main, ...args])

/** In a folder that is deleted after the test. */
const file = (name: string, text: string): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, text)
  return path
}

/** Beats every 100 ms with one pause of a second in the middle. */
const beats = Array.from({ length: 400 }, (_, n) => [n, n * 100_000 + (n >= 200 ? 900_000 : 0)] as const)
const csv = beats.map(([n, at]) => `${n},${at},${at + 150}`).join("\n")

it("compares all of them, the same each time, and convicts nothing for a stall of our own", async () => {
  const running = bench("--hours", "1")
  expect(await running.code, running.stderr).toBe(0)
  expect(running.stdout).toMatch(/^hybrid, grace 500, φ 8 +\d+ +1 /m)
  expect(running.stdout).toMatch(/^aim: nothing is convicted for a stall of our own: met, 0 convictions$/m)
  expect(running.stdout).toMatch(/^real-stall-10ms: /m)
  expect(running.stderr).toBe("")
})

describe("a trace of one's own", () => {
  it.each([
    ["with a header", `seq,send_us,recv_us\n${csv}\n`],
    ["without", csv]
  ])("is told as one document, %s", async (_, text) => {
    const running = bench(file("mine.csv", text), "--json")
    expect(await running.code, running.stderr).toBe(0)
    const { hours, configurations, stalled, aims } = JSON.parse(running.stdout)
    expect(hours).toBeCloseTo(40.8 / 3600, 4)
    expect(stalled).toEqual([])
    expect(aims.map(({ aim }: { aim: string }) => aim)).toHaveLength(3)
    const mistakes = (family: string, threshold: number) =>
      configurations.find((one: { family: string; threshold: number }) => one.family === family && one.threshold === threshold)
    expect(mistakes("fixed timeout", 500)).toMatchObject({ mistakes: 1, group: "fixed" })
    expect(mistakes("fixed timeout", 2000)).toMatchObject({ mistakes: 0 })
    // At grace 500, φ 8 is a silence of 1,100 ms, and 1,900 ms after a pause of 1,000; at grace 100 the pause is a
    // mistake.
    expect(mistakes("hybrid, grace 500", 8)).toMatchObject({ mistakes: 0, usual: true, traces: [{ trace: "mine", mistakes: 0 }] })
    expect(mistakes("hybrid, grace 100", 8)).toMatchObject({ mistakes: 1 })
    expect(mistakes("hybrid, grace 500", 8).detectionMs).toBeGreaterThan(1450)
    expect(mistakes("hybrid, grace 500", 8).detectionMs).toBeLessThan(1550)
  })

  it("does not say whether an aim is met where there is nothing to count", async () => {
    const running = bench(file("calm.csv", csv.split("\n").slice(0, 100).join("\n")), "--every", "100")
    expect(await running.code, running.stderr).toBe(0)
    expect(running.stdout).toMatch(/^aim: within each detection time .*: too few mistakes to say$/m)
  })
})

it.each([
  ["words.csv", "seq,send_us,recv_us\n1,2,three\n", 'words.csv:2: found "1,2,three", expected seq,send_us,recv_us as whole numbers.'],
  ["narrow.csv", "1,2\n", 'narrow.csv:1: found "1,2", expected seq,send_us,recv_us as whole numbers.'],
  ["short.csv", csv.split("\n").slice(0, 5).join("\n"), "short.csv: found 5 beats, expected 20 or more."],
  ["empty.csv", "", "empty.csv: found 0 beats, expected 20 or more."],
  ["back.csv", `${csv}\n400,1,2\n`, "back.csv: beat 400 comes after beat 399, expected them in order."],
  ["at-once.csv", csv.replace(/\d+$/gm, "7"), "at-once.csv: most beats come at once, expected them apart."]
])("says in a sentence why %s is no trace", async (name, text, sentence) => {
  await expectRefusal([file(name, text)], 65, sentence)
})

it.each([
  [["missing.csv"], "missing.csv cannot be read: ENOENT."],
  [[import.meta.dirname], "bench cannot be read: EISDIR."],
  [["--hours", "0"], '--hours: found "0", expected a number from 1 to 100.'],
  [["--every", "100"], "--every: found no trace of your own, expected one."],
  [["--every", "soon", "x.csv"], '--every: found "soon", expected milliseconds from 1 to 3600000.'],
  [["--fast"], "Unknown option '--fast'."]
])("says what is wrong with %j", async (args, sentence) => {
  await expectRefusal(args, 64, sentence)
})

async function expectRefusal(args: ReadonlyArray<string>, code: number, sentence: string): Promise<void> {
  const running = bench(...args)
  expect(await running.code).toBe(code)
  expect(running.stderr).toContain(sentence)
  expect(running.stderr.trim().split("\n")).toHaveLength(1)
  expect(running.stdout).toBe("")
}
