/** The ways in which `judge.ts` looks at a copy of the sources, and which of them a planted bug is shown to. */
import type { Mutant } from "./Mutant.ts"

/** One way, with what it is to use. */
export type Order = "stories" | `properties=${number}` | "pacing" | `otp=${string}` | "detection" | `watch=${string}` | "rehearsals"

/** What an entry promises: that this way complains, and that such a complaint is among those it has. */
export interface Promised {
  readonly order: Order
  readonly isMeant: (complaint: string) => boolean
}

/** More lives than a search needs that finds something by luck: some bugs show in one life of thousands. */
const MANY_LIVES = 20_000

/** Without OTP's answers, what it would say is not asked. */
export function promised(mutant: Mutant, otp: string | undefined): ReadonlyArray<Promised> {
  const { story } = mutant
  const all: ReadonlyArray<[Order, Promised["isMeant"] | undefined]> = [
    ["stories", story === undefined ? undefined : (title) => title.startsWith(story)],
    [`properties=${MANY_LIVES}`, matches(mutant.properties)],
    ["pacing", matches(mutant.pacing)],
    [`otp=${otp}`, mutant.otp && otp !== undefined ? () => true : undefined],
    ["detection", matches(mutant.detection)],
    [`watch=${mutant.watch?.source}`, matches(mutant.watch)],
    ["rehearsals", matches(mutant.rehearsals)]
  ]
  return all.flatMap(([order, isMeant]) => (isMeant === undefined ? [] : [{ order, isMeant }]))
}

const matches = (pattern: RegExp | undefined) => (pattern === undefined ? undefined : (complaint: string) => pattern.test(complaint))

/** The ways that see a tree as a whole. */
export function ofTrees(lives: number, otp: string | undefined): ReadonlyArray<Order> {
  return ["stories", `properties=${lives}`, "pacing", ...(otp === undefined ? [] : [`otp=${otp}` as const])]
}

/** Parts of which a tree knows nothing have laws of their own, and a few bugs are there for an invariant of rehearsals alone. */
export function shown(mutant: Mutant, otp: string | undefined): ReadonlyArray<Order> {
  const { story, properties, pacing } = mutant
  if (story || properties || pacing || mutant.otp) return ofTrees(properties === undefined ? 4000 : MANY_LIVES, otp)
  return promised(mutant, otp).map(({ order }) => order)
}
