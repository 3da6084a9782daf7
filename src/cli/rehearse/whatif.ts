/** `supervise whatif`: every combination of what varies, beside the unchanged tree. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { BadRehearsal } from "../../sim/BadRehearsal.ts"
import { whatIf } from "../../sim/measure/whatIf.ts"
import { decodeTreeResult, encodeTree } from "../../tree/decode.ts"
import { print } from "../print/print.ts"
import { jsonText } from "../print/terminal.ts"
import { load, type RehearsalInput, tried, worldOf } from "./RehearsalInput.ts"
import { tableOf } from "./summary.ts"
import { variantsOf } from "./variants.ts"

interface Input extends RehearsalInput {
  readonly vary: ReadonlyArray<string>
  readonly runs: number
  readonly json: boolean
}

export const compareVariants = Effect.fnUntraced(function* (input: Input) {
  const tree = encodeTree(yield* load(input))
  const options = { ...(yield* worldOf(input)), runs: input.runs }
  if (!(input.runs >= 1 && input.runs <= 100_000))
    return yield* new BadRehearsal({ because: `--runs ${input.runs} should be between 1 and 100000.` })
  const variants = yield* tried(() => variantsOf(tree, input.vary))
  for (const [name, spec] of Object.entries(variants)) {
    const decoded = decodeTreeResult(spec, name)
    if (Result.isFailure(decoded)) return yield* new BadRehearsal({ because: `--vary makes no tree: ${decoded.failure.message}` })
  }
  const compared = yield* tried(() => whatIf(variants, options))
  const asJson = compared.map(({ name, gained, campaign: { workers, worst, ...figures } }) =>
    jsonText({ variant: name, ...figures, gained, worst: { seed: worst.seed, availability: worst.availability } })
  )
  yield* print(input.json ? asJson.join("\n") : tableOf(compared))
})
