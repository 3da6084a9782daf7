/** Copies of the sources, broken in one place each, and what is noticed of that. */
import { execFile } from "node:child_process"
import { copyFileSync, cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { askOtp, curated } from "../otp/askOtp.ts"
import { generate } from "../otp/oracle/gen.ts"
import type { Mutant } from "./Mutant.ts"
import type { Order } from "./ways.ts"

const root = resolve(import.meta.dirname, "../..")
/** The sources as they are. A way that complains about them has no say on mutants. */
export const healthy = new URL("../../src/", import.meta.url).href
const main = fileURLToPath(new URL("judge.ts", import.meta.url))

/** Broken code may go round for ever; what takes longer is taken to do so. */
export const JUDGING_MAX_MS = 120_000

/** Undefined: it noticed nothing. Else each complaint, in its own words. */
export type Verdict = ReadonlyArray<string> | undefined

/** A folder outside the checkout for copies of `src`, which find from there what they import. To be removed by the caller. */
export function openLab(): string {
  const lab = mkdtempSync(join(tmpdir(), "supervise-mutants-"))
  copyFileSync(join(root, "package.json"), join(lab, "package.json"))
  symlinkSync(join(root, "node_modules"), join(lab, "node_modules"))
  return lab
}

/** The copy, as the URL of its folder. */
export function plant({ name, file, from, to }: Mutant, folder: string): string {
  cpSync(fileURLToPath(healthy), folder, { recursive: true })
  const place = join(folder, file)
  const text = readFileSync(place, "utf8")
  const times = text.split(from).length - 1
  if (times !== 1) throw new Error(`"${name}" cannot be planted: ${JSON.stringify(from)} stands ${times} times in ${file}`)
  writeFileSync(
    place,
    text.replace(from, () => to)
  )
  return `${pathToFileURL(folder).href}/`
}

/** In a process of its own, as broken code may do anything. One verdict for each order. A copy that does not even load is no mutant. */
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
  writeFileSync(file, JSON.stringify({ scenarios, traces: await askOtp(scenarios) }))
  return file
}
