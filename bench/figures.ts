/**
 * From samples to figures: medians, and medians of ratios within the same round, because a shared machine changes from
 * round to round.
 */
import type { Sample } from "./measure.ts"

export interface Figure {
  readonly measure: string
  readonly size: number
  readonly of: string
  readonly value: number
  readonly rounds: number
  /** Relative to the C baseline and to the bare Node loop, where they were measured. */
  readonly toC: number | undefined
  readonly toNode: number | undefined
}

export function median(values: ReadonlyArray<number>): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function figures(taken: ReadonlyArray<Sample>): ReadonlyArray<Figure> {
  const samples = [...taken, ...perLeaf(taken)]
  const groups = new Map<string, Array<Sample>>()
  const keyOf = ({ measure, size, of }: Omit<Sample, "value" | "round">): string => `${measure} ${size} ${of}`
  for (const sample of samples) groups.set(keyOf(sample), [...(groups.get(keyOf(sample)) ?? []), sample])
  return [...groups.values()].map((group) => {
    const { measure, size, of } = group[0]!
    const to = (base: string): number | undefined => {
      const bases = new Map(groups.get(keyOf({ measure, size, of: base }))?.map(({ round, value }) => [round, value]))
      const ratios = group.flatMap(({ round, value }) => ((bases.get(round) ?? 0) > 0 ? [value / bases.get(round)!] : []))
      return ratios.length === 0 ? undefined : median(ratios)
    }
    return { measure, size, of, value: median(group.map(({ value }) => value)), rounds: group.length, toC: to("c"), toNode: to("node") }
  })
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
