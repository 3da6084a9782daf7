/** The rounds: within each, run by run, one contender after the other, so that what the machine does besides meets them all alike. */
import type { Asked } from "./asked.ts"
import type { Contender } from "./contender.ts"
import type { Ground } from "./Ground.ts"
import type { Measure, Sample } from "./measure.ts"
import { alone, ofRuns } from "./measures/all.ts"
import { type Kind, Run } from "./Run.ts"

export interface Taken {
  readonly samples: ReadonlyArray<Sample>
  /** What could not be measured, a sentence each. */
  readonly notes: ReadonlyArray<string>
}

export async function measureAll(asked: Asked, contenders: ReadonlyArray<Contender>, ground: Ground): Promise<Taken> {
  const samples: Array<Sample> = []
  const notes = new Set<string>()
  const measures = ofRuns.filter(({ name }) => asked.only.includes(name))
  for (let round = 1; round <= asked.rounds; round++) {
    console.error(`round ${round} of ${asked.rounds}`)
    for (const [name, take] of alone) if (asked.only.includes(name)) samples.push(...take(round, { ground, contenders }))
    for (const kind of kinds(measures, asked.sizes)) {
      const wanted = measures.filter(({ runs }) => runs(asked.sizes).some((run) => same(run, kind)))
      for (const contender of contenders) {
        const say = (what: string): unknown => notes.add(`${contender.title}, ${kind.leaves} leaves: ${what}.`)
        samples.push(...(await measureOne(contender, kind, wanted, { asked, ground, round, say })))
      }
    }
  }
  return { samples, notes: [...notes] }
}

interface Context {
  readonly asked: Asked
  readonly ground: Ground
  readonly round: number
  readonly say: (what: string) => void
}

/** A contender that fails is told of, and the bench goes on: what was measured until then counts. */
async function measureOne(contender: Contender, kind: Kind, measures: ReadonlyArray<Measure>, { asked, ground, round, say }: Context) {
  const samples: Array<Sample> = []
  let run: Run | undefined
  try {
    run = new Run(contender, ground, kind)
    await run.booted()
    for (const measure of measures) {
      const taken = await measure.take(run, asked.pace)
      if (taken !== undefined) samples.push({ measure: measure.name, size: kind.leaves, of: contender.name, round, ...taken })
    }
  } catch (error) {
    say((error as Error).message)
  } finally {
    run?.close()
  }
  return samples
}

const same = (a: Kind, b: Kind): boolean => a.leaves === b.leaves && a.leaf === b.leaf

function kinds(measures: ReadonlyArray<Measure>, sizes: ReadonlyArray<number>): ReadonlyArray<Kind> {
  const all = measures.flatMap(({ runs }) => runs(sizes))
  return all.filter((kind, i) => all.findIndex((other) => same(kind, other)) === i).sort((a, b) => a.leaves - b.leaves)
}
