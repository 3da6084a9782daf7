/** Copies of the core, broken in one place each, and who notices. */
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { askOtp, curated } from "../otp/askOtp.ts"
import { generate } from "../otp/oracle/gen.ts"
import type { Mutant } from "./Mutant.ts"

/** The core as it is. Whoever complains about it has no say on mutants. */
export const healthy = new URL("../../src/core/", import.meta.url).href
const core = fileURLToPath(healthy)
const main = fileURLToPath(new URL("judge.ts", import.meta.url))

/** A broken core may go round for ever; who takes longer is taken to do so. */
export const JUDGING_MAX_MS = 120_000

/** One of `judges.ts`, with what it is to use. */
export type Order = "stories" | `properties=${number}` | `otp=${string}` | "pacing" | "detection"
/** Undefined: it noticed nothing. Else each complaint, in its own words. */
export type Verdict = ReadonlyArray<string> | undefined

/** The copy, as the URL of its folder. */
export function plant(mutant: Mutant, folder: string): string {
  cpSync(core, folder, { recursive: true })
  const file = join(folder, mutant.file)
  const text = readFileSync(file, "utf8")
  const times = text.split(mutant.from).length - 1
  if (times !== 1)
    throw new Error(`"${mutant.name}" cannot be planted: ${JSON.stringify(mutant.from)} stands ${times} times in ${mutant.file}`)
  writeFileSync(
    file,
    text.replace(mutant.from, () => mutant.to)
  )
  return `${pathToFileURL(folder).href}/`
}

/** In a process of its own, as a broken core may do anything. One verdict for each order. A core that does not even load is no mutant. */
export function judge(folder: string, orders: ReadonlyArray<Order>): Promise<ReadonlyArray<Verdict>> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [main, folder, ...orders], { timeout: JUDGING_MAX_MS, maxBuffer: 1 << 26 }, (error, stdout) => {
      const said: ReadonlyArray<ReadonlyArray<string>> = stdout
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))
      if (error !== null && !error.killed) return reject(error)
      resolve(orders.map((_, n) => (said[n] === undefined ? ["does not end"] : said[n].length > 0 ? said[n] : undefined)))
    })
  })
}

/** Scenarios and what OTP does with them, asked once and written down for every judge: where, as a file. */
export async function traces(lab: string, random: number, seed: number): Promise<string> {
  const scenarios = [...curated(), ...(["all", "retry"] as const).flatMap((mode) => generate(random / 2, seed, mode))]
  const file = join(lab, "otp.json")
  mkdirSync(lab, { recursive: true })
  writeFileSync(file, JSON.stringify({ scenarios, traces: await askOtp(scenarios) }))
  return file
}
