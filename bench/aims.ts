/** What we aim for, and whether we reach it. */
import { isPeer } from "./contenders/all.ts"
import type { Figure, Ratio } from "./figures.ts"

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

/** What runs on the keeper; the portable spawner has no aims. */
const ours = ["supervise", "pool", "built", "embedded", "keeper alone"]
/** The median of fewer depends on what else the machine did in one of them. */
const ENOUGH_PAIRS = 3
/** With fewer leaves, garbage from the boot outweighs what the leaves use. */
const ENOUGH_LEAVES = 1000
/** What the keeper may take without any leaf, in MiB: 0.3 MB. */
const KEEPER_MIB = 300_000 / 2 ** 20

const to =
  (contender: string) =>
  (figure: Figure): number | undefined =>
    figure.to[contender]?.median
const value = (figure: Figure): number => figure.value
const whenLarge = (figure: Figure): number | undefined => (figure.size >= ENOUGH_LEAVES ? figure.value : undefined)
const keeperKiB = ({ value, size }: Figure): number => (1024 * (value - KEEPER_MIB)) / size

const aims: ReadonlyArray<Aim> = [
  { measure: "restart", sentence: "at most 2.5 × C", of: to("c"), most: 2.5 },
  { measure: "restart", sentence: "at most 0.5 × bare Node", of: to("node"), most: 0.5 },
  { measure: "boot", sentence: "at most 2.6 × C", of: to("c"), most: 2.6 },
  { measure: "storm", sentence: "at least 0.5 × C", of: to("c"), least: 0.5 },
  { measure: "stop", sentence: "at most 2 × C", of: to("c"), most: 2 },
  { measure: "block", sentence: "at most 0.2 ms", of: value, most: 0.2 },
  { measure: "perLeaf", sentence: "at most 20 KiB a leaf", of: whenLarge, most: 20 },
  { measure: "keeper", sentence: "at most 0.3 MB and 0.6 KiB a leaf", of: keeperKiB, most: 0.6 },
  { measure: "idle", sentence: "0.0 % of a core", of: value, most: 0.05 },
  { measure: "logs", sentence: "at most 1.2 × a copy in C", of: to("c"), most: 1.2 },
  { measure: "logs", sentence: "at most half of s6-log", of: to("s6"), most: 0.5 },
  { measure: "core", sentence: "at least 400,000 events a second", of: value, least: 400_000 }
]

export const judge = (figures: ReadonlyArray<Figure>): ReadonlyArray<Judged> =>
  aims.flatMap(({ measure, sentence, of, most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY }) =>
    figures
      .filter((figure) => figure.measure === measure && (measure === "core" || ours.includes(figure.of)))
      .flatMap((figure) => {
        const reached = of(figure)
        if (reached === undefined) return []
        const taken = Math.max(...Object.values(figure.to).map(({ pairs }) => pairs), figure.rounds)
        const met = taken < ENOUGH_PAIRS ? undefined : reached <= most && reached >= least
        return [{ measure, size: figure.size, of: figure.of, aim: sentence, reached, met }]
      })
  )

/** Of these more is better. */
const rates = ["storm"]

/** The peers that are ahead of one of ours, and by how much: the ratio of its figure to theirs. */
export const ahead = ({ measure, of, to }: Figure): ReadonlyArray<readonly [peer: string, ratio: Ratio]> =>
  ours.includes(of)
    ? Object.entries(to).filter(([peer, { median }]) => isPeer(peer) && (rates.includes(measure) ? median < 1 : median > 1))
    : []
