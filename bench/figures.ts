/**
 * From samples to figures: medians, and medians of ratios within the same round, because a shared machine changes from
 * round to round.
 */
import type { Sample } from "./measure.ts"

/** Of the values of two contenders that were taken one after the other. */
export interface Ratio {
  readonly median: number
  /** Half of the pairs are between these two. */
  readonly low: number
  readonly high: number
  readonly pairs: number
}

export interface Figure {
  readonly measure: string
  readonly size: number
  readonly of: string
  readonly value: number
  readonly rounds: number
  /** Relative to every other contender, by its name, and to itself. */
  readonly to: { readonly [contender: string]: Ratio }
}

export function quantile(values: ReadonlyArray<number>, part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = part * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
  return below + (above - below) * (at - Math.floor(at))
}

export const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)

export function figures(taken: ReadonlyArray<Sample>): ReadonlyArray<Figure> {
  const samples = [...taken, ...perLeaf(taken)]
  return groups(samples, ({ measure, size }) => `${measure} ${size}`).flatMap((compared) => {
    const contenders = groups(compared, ({ of }) => of)
    return contenders.map((group) => {
      const { measure, size, of } = group[0]!
      const ratios = contenders.flatMap((base) => {
        const ratio = ratioOf(group, base)
        return ratio === undefined ? [] : [[base[0]!.of, ratio] as const]
      })
      return { measure, size, of, value: median(group.map(({ value }) => value)), rounds: group.length, to: Object.fromEntries(ratios) }
    })
  })
}

function groups(samples: ReadonlyArray<Sample>, keyOf: (sample: Sample) => string): ReadonlyArray<ReadonlyArray<Sample>> {
  const all = new Map<string, Array<Sample>>()
  for (const sample of samples) {
    const group = all.get(keyOf(sample))
    if (group === undefined) all.set(keyOf(sample), [sample])
    else group.push(sample)
  }
  return [...all.values()]
}

/** Of the single values where a round has many, as those of one round were taken in turns. */
function ratioOf(group: ReadonlyArray<Sample>, bases: ReadonlyArray<Sample>): Ratio | undefined {
  const ratios = group.flatMap(({ round, value, each = [value] }) => {
    const base = bases.find((sample) => sample.round === round)
    const others = base?.each ?? (base === undefined ? [] : [base.value])
    return each.flatMap((one, i) => ((others[i] ?? 0) > 0 ? [one / others[i]!] : []))
  })
  if (ratios.length === 0) return undefined
  return { median: median(ratios), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75), pairs: ratios.length }
}

/** What each leaf adds, in KiB: the memory with all of them, less that with one. */
function perLeaf(samples: ReadonlyArray<Sample>): ReadonlyArray<Sample> {
  const memory = samples.filter(({ measure }) => measure === "memory")
  return memory.flatMap(({ size, of, round, value }) => {
    const one = memory.find((sample) => sample.size === 1 && sample.of === of && sample.round === round)
    return size === 1 || one === undefined
      ? []
      : [{ measure: "perLeaf", size, of, round, value: (1024 * (value - one.value)) / (size - 1) }]
  })
}
