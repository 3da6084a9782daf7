/**
 * npm run mutants [-- PART OF A NAME]
 *
 * The mutation score: which planted bug is noticed by the golden stories, by the search for a life in which something does not hold, and
 * by the laws of pacing, and by the comparison with OTP's own supervisor; one of a detector by the laws of detection alone. What is shown is the
 * first complaint of each. Exits with 1 when a bug survives them all, with 64 when there is no such name.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isOtpThere, needed } from "../otp/askOtp.ts"
import { mutants } from "./mutants.ts"
import { healthy, judge, type Order, plant, traces, type Verdict } from "./plant.ts"

const [part = ""] = process.argv.slice(2)
const chosen = mutants.filter(({ name }) => name.includes(part))
if (chosen.length === 0) {
  console.error(`No mutant has "${part}" in its name.`)
  process.exit(64)
}
const lab = mkdtempSync(join(tmpdir(), "supervise-mutants-"))
process.on("exit", () => rmSync(lab, { recursive: true, force: true }))

const file = isOtpThere() ? await traces(lab, 600, 25) : undefined
if (file === undefined) console.log(needed)

const ways = (runs: number): ReadonlyArray<Order> => [
  "stories",
  `properties=${runs}`,
  "pacing",
  ...(file === undefined ? [] : ([`otp=${file}`] as const))
]
const complaints = (await judge(healthy, [...ways(4000), "detection"])).flatMap((verdict) => verdict ?? [])
if (complaints.length > 0) {
  console.error(`The core as it is must be well before it is broken, and there are complaints, first: ${complaints[0]}`)
  process.exit(1)
}

const columns = [Math.max(...mutants.map(({ name }) => name.length)), 44, 52, 40, 34]
const row = (cells: ReadonlyArray<string>): string =>
  cells
    .map((cell, n) => fitted(cell, columns[n]!))
    .join("  ")
    .trimEnd()
const fitted = (cell: string, width: number): string => (cell.length > width ? `${cell.slice(0, width - 1)}…` : cell.padEnd(width))
const say = (verdict: Verdict): string => {
  if (verdict === undefined) return "–"
  return verdict.length > 1 ? `${verdict.length}: ${verdict[0]}` : verdict[0]!
}

console.log(row(["mutant", "stories or, of a detector, laws", "properties", "laws of pacing", ...(file === undefined ? [] : ["OTP"])]))
let killed = 0
const queue = [...chosen.entries()]
const worker = async (): Promise<void> => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [n, mutant] = next
    // Who is known to be rare is looked for longer.
    const runs = mutant.properties === undefined ? 4000 : 20_000
    const verdicts = await judge(plant(mutant, join(lab, String(n))), mutant.detection === undefined ? ways(runs) : ["detection"])
    if (verdicts.some((verdict) => verdict !== undefined)) killed++
    console.log(row([mutant.name, ...verdicts.map(say)]))
  }
}
await Promise.all([worker(), worker()])
console.log(`${killed} of ${chosen.length} killed`)
process.exitCode = killed === chosen.length ? 0 : 1
