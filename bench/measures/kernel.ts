/** The kernel alone, in a process of its own: what it adds to a restart, in microseconds. */
import { execFileSync } from "node:child_process"
import { resolve } from "node:path"
import type { Sample } from "../measure.ts"

const program = resolve(import.meta.dirname, "../kernel.ts")

export function kernel(round: number): ReadonlyArray<Sample> {
  const times = JSON.parse(execFileSync(process.execPath, [program, "--json"], { encoding: "utf8" })) as Record<string, number>
  return Object.entries(times).map(([of, value]) => ({ measure: "kernel", size: 0, of, round, value }))
}
