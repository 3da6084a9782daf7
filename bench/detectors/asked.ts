/** The options of the comparison. */
import { parseArgs } from "node:util"

export const usage = `npm run bench:detectors -- [TRACE.csv …] [--every MS] [--hours N] [--json]
  TRACE.csv  traces of your own, instead of ours: seq,send_us,recv_us, a line a beat, both times in µs of one monotonic clock
  --every    how often the children of these traces promise to beat (the median interval)
  --hours    how many hours of each made-up child (4)
  --json     one JSON document with every setting`

export interface Asked {
  readonly files: ReadonlyArray<string>
  readonly everyMs: number | undefined
  readonly hours: number
  readonly json: boolean
}

const MAX_HOURS = 100
const MAX_MS = 3_600_000

/** Returns a sentence when an option is invalid. */
export function ask(args: ReadonlyArray<string>): Asked | "help" | string {
  const options = { every: { type: "string" }, hours: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean" } } as const
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    return `${(error as Error).message.split(/\. |\n/)[0]}.`
  }
  const { every, hours = "4", json = false, help } = parsed.values
  if (help) return "help"
  if (!whole(hours, MAX_HOURS)) return `--hours: found "${hours}", expected a number from 1 to ${MAX_HOURS}.`
  if (every !== undefined && !whole(every, MAX_MS)) return `--every: found "${every}", expected milliseconds from 1 to ${MAX_MS}.`
  if (every !== undefined && parsed.positionals.length === 0) return "--every: found no trace of your own, expected one."
  return { files: parsed.positionals, everyMs: every === undefined ? undefined : Number(every), hours: Number(hours), json }
}

const whole = (text: string, most: number): boolean => /^\d{1,7}$/.test(text) && Number(text) >= 1 && Number(text) <= most
