/**
 * Which planted bug is noticed by the golden stories, by the search for a life in which something does not hold, by the laws of pacing, and by
 * the comparison with OTP's own supervisor; or, where nothing of these knows of it, by the laws of its own part. What is shown is the first
 * complaint of each. Exits with 1 when a bug survives them all, with 64 when there is no such name.
 */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { isOtpThere, needed } from "../otp/askOtp.ts"
import { mutants } from "./mutants.ts"
import { healthy, judge, openLab, plant, traces, type Verdict } from "./plant.ts"
import { ofTrees, shown } from "./ways.ts"

const [part = ""] = process.argv.slice(2)
const chosen = mutants.filter(({ name }) => name.includes(part))
if (chosen.length === 0) {
  console.error(`No mutant has "${part}" in its name.`)
  process.exit(64)
}
const lab = openLab()
process.on("exit", () => rmSync(lab, { recursive: true, force: true }))

const file = isOtpThere() ? await traces(lab, 600, 25) : undefined
if (file === undefined) console.log(needed)

const everything = [...ofTrees(4000, file), "detection", "watch=", "rehearsals"] as const
const complaints = (await judge(healthy, everything)).flatMap((verdict) => verdict ?? [])
if (complaints.length > 0) {
  console.error(`The sources as they are must be well before they are broken, and there are complaints, first: ${complaints[0]}`)
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

console.log(
  row(["mutant", "stories or, of other parts, their laws", "properties", "laws of pacing", ...(file === undefined ? [] : ["OTP"])])
)
let killed = 0
const queue = [...chosen.entries()]
const worker = async (): Promise<void> => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [n, mutant] = next
    const verdicts = await judge(plant(mutant, join(lab, String(n))), shown(mutant, file))
    if (verdicts.some((verdict) => verdict !== undefined)) killed++
    console.log(row([mutant.name, ...verdicts.map(say)]))
  }
}
await Promise.all([worker(), worker()])
console.log(`${killed} of ${chosen.length} killed`)
process.exitCode = killed === chosen.length ? 0 : 1
