/** The study of ways to pace restarts as a real process, with fewer seeds: the order it claims, and its sentences. */
import { join } from "node:path"
import { expect, it } from "vitest"
import { Running } from "../runtime/command.ts"

const main = join(import.meta.dirname, "../../bench/backoff/main.ts")
const study = (...args: ReadonlyArray<string>): Running => new Running(process.execPath, [main, ...args])

interface Row {
  readonly policy: string
  readonly costs: ReadonlyArray<{ readonly lateS: number; readonly restarts: number; readonly peak: number; readonly cost: number }>
  readonly ratio: number
  readonly worst: number
}

it("adaptive backoff with a breaker is closest to the best, on average and at worst; and a hint brings it closer", async () => {
  const running = study("--seeds", "2", "--json")
  expect(await running.code, running.stderr).toBe(0)
  const rows: ReadonlyArray<Row> = JSON.parse(running.stdout)
  const row = (name: string): Row => rows.find(({ policy }) => policy === name)!
  const [hinted, ours, alone] = [row("adaptive + breaker + hint"), row("adaptive + breaker"), row("adaptive")]
  const others = rows.filter((one) => one !== hinted && one !== ours)
  expect(others.length).toBeGreaterThanOrEqual(8)
  for (const other of others) {
    expect(ours.ratio, other.policy).toBeLessThan(other.ratio * 0.9)
    expect(ours.worst, other.policy).toBeLessThan(other.worst * 0.9)
  }
  expect(hinted.ratio).toBeLessThan(ours.ratio)
  // In an outage of a shared dependency the breaker makes the difference, whatever the backoff.
  const outage = (of: Row) => of.costs[2]!
  expect(outage(ours).restarts).toBeLessThan(outage(alone).restarts / 3)
  expect(outage(ours).cost).toBeLessThan(outage(row("exponential 0.1 s to 60 s")).cost / 2)
  expect(outage(ours).peak).toBeLessThanOrEqual(12)
})

it("is printed as a table", async () => {
  const running = study("--seeds", "1")
  expect(await running.code, running.stderr).toBe(0)
  expect(running.stdout).toMatch(/^Cost in seconds, of one world: /)
  expect(running.stdout).toMatch(/^adaptive \+ breaker {3,}\d/m)
  expect(running.stdout).toMatch(/^C outage +s late +restarts +busiest second$/m)
})

it.each([
  [["--seeds", "0"], '--seeds: found "0", expected a number from 1 to 1000.'],
  [["--seeds", "many"], '--seeds: found "many", expected a number from 1 to 1000.'],
  [["--fast"], "Unknown option '--fast'."]
])("says what is wrong with %j", async (args, sentence) => {
  const running = study(...args)
  expect(await running.code).toBe(64)
  expect(running.stderr.trim()).toBe(sentence)
})
