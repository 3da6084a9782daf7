/** Start-up: how long the command line takes to print its version, and Node to do nothing, in milliseconds. */
import { spawnSync } from "node:child_process"
import { resolve } from "node:path"
import { median } from "../figures.ts"
import type { Sample, Scene } from "../measure.ts"

const bin = resolve(import.meta.dirname, "../../bin/program.js")
const TIMES = 5

function time(args: ReadonlyArray<string>): number {
  const begin = performance.now()
  const { status } = spawnSync(process.execPath, args, { stdio: "ignore" })
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}`)
  return performance.now() - begin
}

export function startup(round: number, { workspace, contenders }: Scene): ReadonlyArray<Sample> {
  const rows = new Map([
    ["node", ["-e", "0"]],
    ["supervise", [bin, "--version"]]
  ])
  if (contenders.some(({ name }) => name === "built")) rows.set("built", [workspace.built(), "--version"])
  const each = new Map([...rows.keys()].map((of) => [of, [] as Array<number>]))
  for (let i = 0; i < TIMES; i++) for (const [of, args] of rows) each.get(of)!.push(time(args))
  return [...each].map(([of, times]) => ({ measure: "startup", size: 0, of, round, value: median(times) }))
}
