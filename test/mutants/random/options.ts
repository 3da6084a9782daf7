/** What `npm run mutants -- --random` can be asked. */
import { parseArgs } from "node:util"

export const help = `npm run mutants -- --random --seed N [--room core] [--count N] [--limit SECONDS] [--out FILE] [--list] [--only ID[,ID]]

Plants random mutants of one token, one at a time, in a copy of the project, and asks the tests that should notice. The same seed and the same
sources are the same mutants. --room is a folder of src, or one below it, and can be given more than once: all of them when it is not.
--count is for each room. --limit is what one stage of tests may take. --out keeps the verdicts, and what is in it already is not asked again.
--list only shows the mutants. --only tries these, whatever the seed.`

export interface Options {
  readonly seed: number
  /** None: all. */
  readonly rooms: ReadonlyArray<string>
  readonly count: number
  readonly limitMs: number
  readonly out: string | undefined
  readonly isList: boolean
  readonly only: ReadonlyArray<string> | undefined
}

/** Throws a sentence. */
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
