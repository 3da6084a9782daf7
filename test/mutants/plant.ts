/** Copies of the sources with one bug each, and what the tests notice of it. */
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
/** The sources without a bug. */
export const healthy = new URL("../../src/", import.meta.url).href
const main = fileURLToPath(new URL("judge.ts", import.meta.url))

const cache = join(root, "node_modules/.cache/mutants")

/** Broken code may loop for ever. */
export const JUDGING_MAX_MS = 120_000

/** The complaints of one way; undefined if there are none. */
export type Complaints = ReadonlyArray<string> | undefined

/** A temporary folder for copies of `src`, where these find their dependencies. The caller removes it. */
export function openLab(): string {
  const lab = mkdtempSync(join(tmpdir(), "supervise-mutants-"))
  copyFileSync(join(root, "package.json"), join(lab, "package.json"))
  symlinkSync(join(root, "node_modules"), join(lab, "node_modules"))
  return lab
}

/** Answers the URL of the copy's folder. */
export function plant({ name, file, from, to }: Mutant, folder: string): string {
  cpSync(fileURLToPath(healthy), folder, { recursive: true })
  const place = join(folder, file)
  const text = readFileSync(place, "utf8")
  const times = text.split(from).length - 1
  if (times !== 1) throw new Error(`"${name}" cannot be planted: ${JSON.stringify(from)} occurs ${times} times in ${file}`)
  writeFileSync(
    place,
    text.replace(from, () => to)
  )
  return `${pathToFileURL(folder).href}/`
}

/**
 * Runs in a process of its own, as broken code may do anything. Answers the complaints for each order. Rejects if a
 * copy does not load.
 */
export function judge(folder: string, orders: ReadonlyArray<Order>): Promise<ReadonlyArray<Complaints>> {
  return new Promise((resolve, reject) => {
    // All copies share the compiled code of what they do not change.
    const env = { ...process.env, NODE_COMPILE_CACHE: cache }
    execFile(process.execPath, [main, folder, ...orders], { env, timeout: JUDGING_MAX_MS, maxBuffer: 1 << 26 }, (error, stdout) => {
      const answers: ReadonlyArray<ReadonlyArray<string>> = stdout
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))
      if (error !== null && !error.killed) return reject(error)
      resolve(orders.map((_, n) => (answers[n] === undefined ? ["does not end"] : answers[n].length > 0 ? answers[n] : undefined)))
    })
  })
}

/** Writes scenarios and what OTP does with them into a file, once for all judges. Answers its path. */
export async function traces(lab: string, random: number, seed: number): Promise<string> {
  const scenarios = [...curated(), ...(["all", "retry"] as const).flatMap((mode) => generate(random / 2, seed, mode))]
  const file = join(lab, "otp.json")
  writeFileSync(file, JSON.stringify({ scenarios, traces: await askOtp(scenarios) }))
  return file
}
