/** The options of `npm run mutants -- --random`. */
import { parseArgs } from "node:util"

export const help = `npm run mutants -- --random --seed N [--room core] [--count N] [--limit SECONDS] [--out FILE] [--list] [--only ID[,ID]]

Plants random mutants of one token, one at a time, in a copy of the project, and runs the tests that should notice them. The same seed and
the same sources give the same mutants. --room is a folder of src, or one below it, and may be repeated; the default is all rooms. --count is
per room. --limit is the time for one stage of tests. --out keeps the results, and mutants that are in it already are not tried again. --list
only shows the mutants. --only tries these, whatever the seed.`

export interface Options {
  readonly seed: number
  /** Empty: all. */
  readonly rooms: ReadonlyArray<string>
  readonly count: number
  readonly limitMs: number
  readonly out: string | undefined
  readonly isList: boolean
  readonly only: ReadonlyArray<string> | undefined
}

/** Throws an error with a sentence for people. */
export function optionsOf(args: ReadonlyArray<string>): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      random: { type: "boolean" },
      seed: { type: "string", default: "1" },
      room: { type: "string", multiple: true, default: [] },
      count: { type: "string", default: "20" },
      limit: { type: "string", default: "300" },
      out: { type: "string" },
      list: { type: "boolean", default: false },
      only: { type: "string" }
    }
  })
  return {
    seed: number("seed", values.seed),
    rooms: values.room,
    count: number("count", values.count),
    limitMs: 1000 * number("limit", values.limit),
    out: values.out,
    isList: values.list,
    only: values.only?.split(",")
  }
}

function number(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} is a whole number, and not "${text}".`)
  return Number(text)
}
