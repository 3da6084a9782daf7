/** The options of a bench. */
import { parseArgs } from "node:util"
import type { Contender } from "./contender.ts"
import { ours, peers } from "./contenders/all.ts"
import type { Pace } from "./measure.ts"
import { names } from "./measures/all.ts"

export interface Asked {
  readonly rounds: number
  /** In ascending order. */
  readonly sizes: ReadonlyArray<number>
  readonly only: ReadonlyArray<string>
  readonly contenders: ReadonlyArray<Contender>
  readonly pace: Pace
  readonly json: boolean
}

export const usage = `npm run bench -- [--quick] [--json] [--only MEASURES] [--against PEERS] [--rounds N] [--leaves N,N…]
  --quick    a minute in all: two rounds, 10 and 100 leaves, ourselves with both spawners and the two baselines
  --json     one JSON document with every sample
  --only     ${names.join(",")}
  --ours     ${ours.map(({ name }) => name).join(",")}
  --against  ${peers.map(({ name }) => name).join(",")}
  --rounds   how often everything is measured (3)
  --leaves   how many leaves are booted (10,100,1000); memory, idle and stop take the most, restart the fewest`

const MAX_ROUNDS = 100
/** The list, with both spawners. */
const OURS_QUICK = 2
/** Each leaf is a process, and most machines allow no more than 32,768. */
const MAX_LEAVES = 10_000

/** Returns a sentence when an option is invalid. */
export function ask(args: ReadonlyArray<string>): Asked | "help" | string {
  const options = {
    quick: { type: "boolean" },
    json: { type: "boolean" },
    only: { type: "string" },
    ours: { type: "string" },
    against: { type: "string" },
    rounds: { type: "string" },
    leaves: { type: "string" },
    help: { type: "boolean" }
  } as const
  let given: ReturnType<typeof parseArgs<{ options: typeof options }>>["values"]
  try {
    given = parseArgs({ args: [...args], options }).values
  } catch (error) {
    return `${(error as Error).message.split(/\.? ?\n|\. /)[0]}.`
  }
  if (given.help) return "help"
  const quick = given.quick ?? false
  const rounds = given.rounds ?? (quick ? "2" : "3")
  const leaves = (given.leaves ?? (quick ? "10,100" : "10,100,1000")).split(",")
  const only = given.only?.split(",") ?? names
  const shapes = given.ours?.split(",") ?? ours.slice(0, quick ? OURS_QUICK : ours.length).map(({ name }) => name)
  const against = given.against?.split(",") ?? (quick ? ["c", "node"] : peers.map(({ name }) => name))

  if (!whole(rounds, MAX_ROUNDS)) return `--rounds: found "${rounds}", expected a number from 1 to ${MAX_ROUNDS}.`
  const odd = leaves.find((size) => !whole(size, MAX_LEAVES) || Number(size) < 2)
  if (odd !== undefined) return `--leaves: found "${odd}", expected numbers from 2 to ${MAX_LEAVES} such as 10,100.`
  const measure = only.find((name) => !names.includes(name))
  if (measure !== undefined) return `--only: there is no measure "${measure}". There are ${names.join(", ")}.`
  const shape = shapes.find((name) => !ours.some((one) => one.name === name))
  if (shape !== undefined) return `--ours: there is no "${shape}". There are ${ours.map(({ name }) => name).join(", ")}.`
  const peer = against.find((name) => !peers.some((one) => one.name === name))
  if (peer !== undefined) return `--against: there is no "${peer}". There are ${peers.map(({ name }) => name).join(", ")}.`
  return {
    rounds: Number(rounds),
    sizes: [...new Set(leaves.map(Number))].sort((a, b) => a - b),
    only,
    contenders: [...peers.filter(({ name }) => against.includes(name)), ...ours.filter(({ name }) => shapes.includes(name))],
    pace: quick
      ? { kills: 20, spawns: 10, idleMs: 1000, stormMs: 1000, logMiB: 16 }
      : { kills: 40, spawns: 30, idleMs: 2000, stormMs: 1500, logMiB: 64 },
    json: given.json ?? false
  }
}

const whole = (text: string, most: number): boolean => /^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= most
