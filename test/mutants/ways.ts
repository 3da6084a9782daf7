/** The ways in which `judge.ts` checks a copy of the sources, and which of them apply to a planted bug. */
import type { Mutant } from "./Mutant.ts"

/** One way, with its parameter. */
export type Order = "stories" | `properties=${number}` | "pacing" | `otp=${string}` | "detection" | `watch=${string}` | "rehearsals"

/** What an entry promises: this way complains, with such a complaint among others. */
export interface Promised {
  readonly order: Order
  readonly isMeant: (complaint: string) => boolean
}

/** Some bugs show in only one of thousands of random runs. */
const MANY_RUNS = 20_000

/** Without OTP's answers (`otp` undefined) OTP is left out. */
export function promised(mutant: Mutant, otp: string | undefined): ReadonlyArray<Promised> {
  const { story } = mutant
  const all: ReadonlyArray<[Order, Promised["isMeant"] | undefined]> = [
    ["stories", story === undefined ? undefined : (title) => title.startsWith(story)],
    [`properties=${MANY_RUNS}`, matches(mutant.properties)],
    ["pacing", matches(mutant.pacing)],
    [`otp=${otp}`, mutant.otp && otp !== undefined ? () => true : undefined],
    ["detection", matches(mutant.detection)],
    [`watch=${mutant.watch?.source}`, matches(mutant.watch)],
    ["rehearsals", matches(mutant.rehearsals)]
  ]
  return all.flatMap(([order, isMeant]) => (isMeant === undefined ? [] : [{ order, isMeant }]))
}

const matches = (pattern: RegExp | undefined) => (pattern === undefined ? undefined : (complaint: string) => pattern.test(complaint))

/** The ways that check whole trees. */
export function ofTrees(runs: number, otp: string | undefined): ReadonlyArray<Order> {
  return ["stories", `properties=${runs}`, "pacing", ...(otp === undefined ? [] : [`otp=${otp}` as const])]
}

/** Bugs of the core are shown to all ways that check trees; others only to the ways that they name. */
export function shown(mutant: Mutant, otp: string | undefined): ReadonlyArray<Order> {
  const { story, properties, pacing } = mutant
  if (story || properties || pacing || mutant.otp) return ofTrees(properties === undefined ? 4000 : MANY_RUNS, otp)
  return promised(mutant, otp).map(({ order }) => order)
}
