/**
 * Turns `--vary` into trees: `workers:intensity=1,3` is one change for each value, and several `--vary` give every
 * combination.
 */
import { BadRehearsal } from "../../sim/BadRehearsal.ts"
import { type Change, type Policy, varyAll } from "../../sim/measure/vary.ts"
import type { BackoffSpec } from "../../tree/Pacing.ts"
import { nearest } from "../../tree/problems/nearest.ts"
import type { TreeSpec } from "../../tree/Spec.ts"
import type { Duration } from "../../tree/Units.ts"

/** A table with more variants is hard to read. */
const MAX_VARIANTS = 64
const AS_IT_IS = "as it is"

interface Named {
  readonly name: string
  readonly change: Change
}

/**
 * Every combination by its name, the unchanged tree first. Throws `BadRehearsal`. Does not check that each is a valid
 * tree.
 */
export function variantsOf(tree: TreeSpec, texts: ReadonlyArray<string>): { readonly [name: string]: TreeSpec } {
  const targets = texts.map((text) => text.slice(0, text.indexOf("=")))
  const twice = targets.find((target, n) => targets.indexOf(target) < n)
  if (twice !== undefined)
    throw new BadRehearsal({ because: `--vary ${twice} is given twice: write all values in one, ${twice}=VALUE,VALUE.` })
  let all: ReadonlyArray<ReadonlyArray<Named>> = [[]]
  for (const values of texts.map(changesOf)) {
    all = all.flatMap((before) => values.map((value) => [...before, value]))
    if (all.length >= MAX_VARIANTS)
      throw new BadRehearsal({ because: `--vary makes ${all.length} variants; at most ${MAX_VARIANTS - 1} are compared.` })
  }
  const variants = all.map((named) => [
    named.map(({ name }) => name).join(" "),
    varyAll(
      tree,
      named.map(({ change }) => change)
    )
  ])
  return { [AS_IT_IS]: tree, ...Object.fromEntries(variants) }
}

function changesOf(text: string): ReadonlyArray<Named> {
  const bad = (because: string): never => {
    throw new BadRehearsal({ because: `--vary ${text}${because}` })
  }
  const [, at, key = "", values = ""] = /^(?:([^:=]+):)?([^:=]+)=(.+)$/.exec(text) ?? []
  if (values === "") bad(" should be KEY=VALUE,VALUE, such as intensity=1,3,10, or PATH:KEY=VALUE.")
  if (!Object.hasOwn(policies, key)) {
    const keys = Object.keys(policies)
    const similar = nearest(key, keys)
    bad(`: ${key} cannot be varied. ${similar === undefined ? `There are ${keys.join(", ")}.` : `Did you mean ${similar}?`}`)
  }
  return values.split(/,(?![^(]*\))/).map((value) => {
    const found = value === "" ? "something: there is nothing between two commas" : policies[key]!(value)
    const policy = typeof found === "string" ? bad(`: ${value || "a value"} should be ${found}.`) : found
    return { name: `${at === undefined ? "" : `${at}:`}${key}=${value}`, change: { policy, at } }
  })
}

const COUNT = /^\d+$/
const NUMBER = /^\d+(\.\d+)?$/

/** What a value of each key sets, or what it should be. Whether the result is a valid tree shows when it is decoded. */
const policies: { readonly [key: string]: (value: string) => Policy | string } = {
  intensity: (value) => (COUNT.test(value) ? { intensity: Number(value) } : "a number of restarts"),
  period: (value) => ({ period: value as Duration }),
  onIntensity: (value) => ({ onIntensity: value as NonNullable<Policy["onIntensity"]> }),
  retryAfter: (value) => ({ retryAfter: value as Duration }),
  strategy: (value) => ({ strategy: value as NonNullable<Policy["strategy"]> }),
  boot: (value) => ({ boot: value as NonNullable<Policy["boot"]> }),
  backoff: (value) => {
    const backoff = backoffOf(value)
    return backoff === undefined ? "constant(1s), linear(1s,10s), exponential(100ms,30s) or adaptive(100ms,1m)" : { backoff }
  },
  breaker: (value) => {
    if (value === "none") return { breaker: null }
    return COUNT.test(value) ? { breaker: { failures: Number(value) } } : "none, or a number of children that fail"
  },
  startGate: (value) => {
    if (value === "none") return { startGate: null }
    return NUMBER.test(value) ? { startGate: { rate: Number(value) } } : "none, or a number of starts per second"
  },
  suspect: (value) => (NUMBER.test(value) ? { heartbeat: { suspect: Number(value) } } : "a phi"),
  convict: (value) => (NUMBER.test(value) ? { heartbeat: { convict: Number(value) } } : "a phi"),
  grace: (value) => ({ heartbeat: { grace: value as Duration } }),
  hangAfter: (value) => ({ heartbeat: { hangAfter: value as Duration } })
}

/** `constant(DELAY)`, `linear(FIRST,CAP)`, `exponential(FIRST,CAP)`, `adaptive(MIN,MAX)`. */
function backoffOf(value: string): BackoffSpec | undefined {
  const [, type, first, cap] = /^(constant|linear|exponential|adaptive)\(([^,()]+)(?:,([^,()]+))?\)$/.exec(value) ?? []
  const initial = first as Duration
  if (type === "constant" && cap === undefined) return { type, delay: initial }
  if (type === "linear" && cap !== undefined) return { type, initial, step: initial, cap: cap as Duration }
  if (type === "exponential" && cap !== undefined) return { type, initial, cap: cap as Duration }
  if (type === "adaptive" && cap !== undefined) return { type, min: initial, max: cap as Duration }
  return undefined
}
