/** Does what `supervise whatif` asks for: every combination of what varies, beside the tree as it is. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { BadRehearsal } from "../../sim/BadRehearsal.ts"
import { type Policy, vary } from "../../sim/measure/vary.ts"
import { whatIf } from "../../sim/measure/whatIf.ts"
import { decodeTreeResult, encodeTree } from "../../spec/decode.ts"
import { nearest } from "../../spec/nearest.ts"
import type { BackoffSpec } from "../../spec/Pacing.ts"
import type { TreeSpec } from "../../spec/Spec.ts"
import type { Duration } from "../../spec/Units.ts"
import { print } from "../print/print.ts"
import { tableOf } from "./summary.ts"
import { load, tried, type World, worldOf } from "./world.ts"

interface Input extends World {
  readonly vary: ReadonlyArray<string>
  readonly runs: number
  readonly json: boolean
}

/** So many variants make a table that can still be read. */
const MOST_VARIANTS = 64
const AS_IT_IS = "as it is"

export const compareVariants = Effect.fnUntraced(function* (input: Input) {
  const tree = encodeTree(yield* load(input))
  const options = { ...(yield* worldOf(input)), runs: input.runs }
  if (!(input.runs >= 1 && input.runs <= 100_000))
    return yield* new BadRehearsal({ because: `--runs ${input.runs} should be between 1 and 100000.` })
  const variants = yield* tried(() => variantsOf(tree, input.vary.map(changesOf)))
  for (const [name, spec] of Object.entries(variants)) {
    const decoded = decodeTreeResult(spec, name)
    if (Result.isFailure(decoded)) return yield* new BadRehearsal({ because: `--vary makes no tree: ${decoded.failure.message}` })
  }
  const compared = yield* tried(() => whatIf(variants, options))
  const asJson = compared.map(({ name, gained, campaign: { workers, worst, ...figures } }) =>
    JSON.stringify({ variant: name, ...figures, gained, worst: { seed: worst.seed, availability: worst.availability } })
  )
  yield* print(input.json ? asJson.join("\n") : tableOf(compared))
})

interface Change {
  readonly name: string
  readonly make: (spec: TreeSpec) => TreeSpec
}

/** Every combination, the tree as it is first. */
function variantsOf(tree: TreeSpec, dimensions: ReadonlyArray<ReadonlyArray<Change>>): { readonly [name: string]: TreeSpec } {
  let all: ReadonlyArray<{ readonly names: ReadonlyArray<string>; readonly spec: TreeSpec }> = [{ names: [], spec: tree }]
  for (const changes of dimensions) {
    all = all.flatMap(({ names, spec }) => changes.map(({ name, make }) => ({ names: [...names, name], spec: make(spec) })))
    if (all.length >= MOST_VARIANTS)
      throw new BadRehearsal({ because: `--vary makes ${all.length} variants; at most ${MOST_VARIANTS - 1} are compared.` })
  }
  return { [AS_IT_IS]: tree, ...Object.fromEntries(all.map(({ names, spec }) => [names.join(" "), spec])) }
}

const keys = ["intensity", "period", "strategy", "boot", "backoff"] as const

/** `workers:intensity=1,3`: one change for each value. */
function changesOf(text: string): ReadonlyArray<Change> {
  const [, path, key = "", values = ""] = /^(?:([^:=]+):)?([^:=]+)=(.+)$/.exec(text) ?? []
  if (values === "")
    throw new BadRehearsal({ because: `--vary ${text} should be KEY=VALUE,VALUE, such as intensity=1,3,10, or PATH:KEY=VALUE.` })
  const known = keys.find((one) => one === key)
  if (known === undefined) {
    const meant = nearest(key, keys)
    throw new BadRehearsal({
      because: `--vary ${text}: ${key} cannot be varied. ${meant === undefined ? `There are ${keys.join(", ")}.` : `Did you mean ${meant}?`}`
    })
  }
  return values.split(/,(?![^(]*\))/).map((value) => ({
    name: `${path === undefined ? "" : `${path}:`}${key}=${value}`,
    make: (spec) => vary(spec, policyOf(known, value, text), path)
  }))
}

function policyOf(key: (typeof keys)[number], value: string, text: string): Policy {
  if (key === "backoff") return { backoff: backoffOf(value, text) }
  if (key !== "intensity") return { [key]: value }
  if (!/^\d+$/.test(value)) throw new BadRehearsal({ because: `--vary ${text}: ${value} should be a number of restarts.` })
  return { intensity: Number(value) }
}

/** `constant(1s)`, `linear(FIRST,CAP)`, `exponential(FIRST,CAP)`, `adaptive(MIN,MAX)`. */
function backoffOf(value: string, text: string): BackoffSpec {
  const [, type, first, cap] = /^(constant|linear|exponential|adaptive)\(([^,()]+)(?:,([^,()]+))?\)$/.exec(value) ?? []
  const initial = first as Duration
  if (type === "constant" && cap === undefined) return { type, delay: initial }
  if (type === "linear" && cap !== undefined) return { type, initial, step: initial, cap: cap as Duration }
  if (type === "exponential" && cap !== undefined) return { type, initial, cap: cap as Duration }
  if (type === "adaptive" && cap !== undefined) return { type, min: initial, max: cap as Duration }
  throw new BadRehearsal({
    because: `--vary ${text}: ${value} should be constant(1s), linear(1s,10s), exponential(100ms,30s) or adaptive(100ms,1m).`
  })
}
