/** What we aim for, and whether we reach it. */
import type { Figure } from "./figures.ts"

interface Aim {
  readonly measure: string
  readonly sentence: string
  readonly of: (figure: Figure) => number | undefined
  readonly most?: number
  readonly least?: number
}

export interface Judged {
  readonly measure: string
  readonly size: number
  readonly of: string
  readonly aim: string
  readonly reached: number
  /** Undefined after too few rounds, which are only noise. */
  readonly met: boolean | undefined
}

const ours = ["supervise", "pool", "built", "embedded"]
/** The median of fewer rounds depends on what else the machine did in one of them. */
const ENOUGH_ROUNDS = 3
/** With fewer leaves, garbage from the boot outweighs what the leaves use. */
const ENOUGH_LEAVES = 1000
const aims: ReadonlyArray<Aim> = [
  { measure: "restart", sentence: "at most 1.25 × bare Node", of: ({ toNode }) => toNode, most: 1.25 },
  { measure: "boot", sentence: "at most 1.25 × bare Node", of: ({ toNode }) => toNode, most: 1.25 },
  { measure: "perLeaf", sentence: "at most 20 KiB a leaf", of: ({ value }) => value, most: 20 },
  { measure: "idle", sentence: "less than 0.5 % of a core", of: ({ value }) => value, most: 0.5 },
  { measure: "core", sentence: "at least 400,000 events a second", of: ({ value }) => value, least: 400_000 }
]

export const judge = (figures: ReadonlyArray<Figure>): ReadonlyArray<Judged> =>
  aims.flatMap(({ measure, sentence, of, most = Number.POSITIVE_INFINITY, least = 0 }) =>
    figures
      .filter((figure) => figure.measure === measure && (measure === "core" || ours.includes(figure.of)))
      .filter(({ size }) => measure !== "perLeaf" || size >= ENOUGH_LEAVES)
      .flatMap((figure) => {
        const reached = of(figure)
        if (reached === undefined) return []
        const met = figure.rounds < ENOUGH_ROUNDS ? undefined : reached <= most && reached >= least
        return [{ measure, size: figure.size, of: figure.of, aim: sentence, reached, met }]
      })
  )
