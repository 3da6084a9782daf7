/**
 * Block: how long a spawn keeps a program with a gigabyte of memory from everything else, in milliseconds. Ourselves on
 * both spawners, embedded, and Node's own spawn.
 */
import { execFile } from "node:child_process"
import { resolve } from "node:path"
import { promisify } from "node:util"
import { median } from "../figures.ts"
import type { Sample, Scene } from "../measure.ts"

const program = resolve(import.meta.dirname, "../programs/ballast.ts")
const MIB = 1024
const LONGEST_MS = 60_000

const spawners = new Map([
  ["node", "child_process"],
  ["supervise", "keeper"],
  ["portable", "node"]
])

export async function block(round: number, { workspace, contenders, pace, say }: Scene): Promise<ReadonlyArray<Sample>> {
  const samples: Array<Sample> = []
  for (const contender of contenders) {
    const spawner = spawners.get(contender.name)
    if (spawner === undefined) continue
    const args = [program, String(MIB), String(pace.spawns), workspace.leaf!, spawner]
    try {
      const { stdout } = await promisify(execFile)(process.execPath, args, { env: workspace.environment, timeout: LONGEST_MS })
      const { each } = JSON.parse(stdout) as { each: ReadonlyArray<number> }
      samples.push({ measure: "block", size: MIB, of: contender.name, round, value: median(each), each })
    } catch (error) {
      say(contender, pace.spawns, (error as Error).message)
    } finally {
      workspace.sweep()
    }
  }
  return samples
}
