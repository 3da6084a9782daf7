/** The core alone, in a process of its own: events per second for trees of several shapes. */
import { execFileSync } from "node:child_process"
import { resolve } from "node:path"
import type { Sample } from "../measure.ts"

const program = resolve(import.meta.dirname, "../core.ts")

export function core(round: number): ReadonlyArray<Sample> {
  const rates = JSON.parse(execFileSync(process.execPath, [program, "--json"], { encoding: "utf8" })) as Record<string, number>
  return Object.entries(rates).map(([of, value]) => ({ measure: "core", size: 0, of, round, value }))
}
