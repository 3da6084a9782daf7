/**
 * `npm run bench:backoff [-- --seeds N] [--json]`: what ways to pace restarts cost in six kinds of trouble. The result
 * does not depend on the machine.
 */
import { parseArgs } from "node:util"
import { EXIT } from "../../src/cli/exitCodes.ts"
import { simulate } from "../../src/testing.ts"
import { compare } from "./compare.ts"
import { withFirstAtOnce } from "./peers.ts"
import { print } from "./print.ts"

const MAX_SEEDS = 1000

/** Returns a sentence when an option is invalid. */
function ask(): { readonly seeds: number; readonly json: boolean } | string {
  try {
    const { seeds = "12", json = false } = parseArgs({ options: { seeds: { type: "string" }, json: { type: "boolean" } } }).values
    if (!/^\d{1,4}$/.test(seeds) || Number(seeds) < 1 || Number(seeds) > MAX_SEEDS)
      return `--seeds: found "${seeds}", expected a number from 1 to ${MAX_SEEDS}.`
    return { seeds: Number(seeds), json }
  } catch (error) {
    return `${(error as Error).message.split(/\.? ?\n|\. /)[0]}.`
  }
}

const asked = ask()
if (typeof asked === "string") {
  console.error(asked)
  process.exitCode = EXIT.usage
} else {
  const { seeds, json } = asked
  const table = await withFirstAtOnce((theirs) => compare(({ firstAtOnce }) => (firstAtOnce === true ? theirs : simulate), seeds))
  console.log(json ? JSON.stringify(table, undefined, 1) : print(table, seeds))
}
