/**
 * Shows which planted bug is noticed by the golden stories, by the search of random trees, by the laws of pacing, and
 * by the comparison with OTP's supervisor; or, where none of these applies, by the laws of its own part. Prints the
 * first complaint of each. Exits with 1 if a bug is not noticed at all, with 64 if there is no such name.
 */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { isOtpThere, needed } from "../otp/askOtp.ts"
import { mutants } from "./mutants.ts"
import { type Complaints, healthy, judge, openLab, plant, traces } from "./plant.ts"
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
const complaints = (await judge(healthy, everything)).flatMap((found) => found ?? [])
if (complaints.length > 0) {
  console.error(`There are complaints about the sources without any bug, first: ${complaints[0]}`)
  process.exit(1)
}

const columns = [Math.max(...mutants.map(({ name }) => name.length)), 44, 52, 40, 34]
const row = (cells: ReadonlyArray<string>): string =>
  cells
    .map((cell, n) => fitted(cell, columns[n]!))
    .join("  ")
    .trimEnd()
const fitted = (cell: string, width: number): string => (cell.length > width ? `${cell.slice(0, width - 1)}…` : cell.padEnd(width))
const say = (found: Complaints): string => {
  if (found === undefined) return "–"
  return found.length > 1 ? `${found.length}: ${found[0]}` : found[0]!
}

console.log(
  row(["mutant", "stories or, of other parts, their laws", "properties", "laws of pacing", ...(file === undefined ? [] : ["OTP"])])
)
let killed = 0
const queue = [...chosen.entries()]
const worker = async (): Promise<void> => {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [n, mutant] = next
    const results = await judge(plant(mutant, join(lab, String(n))), shown(mutant, file))
    if (results.some((found) => found !== undefined)) killed++
    console.log(row([mutant.name, ...results.map(say)]))
  }
}
await Promise.all([worker(), worker()])
console.log(`${killed} of ${chosen.length} killed`)
process.exitCode = killed === chosen.length ? 0 : 1
