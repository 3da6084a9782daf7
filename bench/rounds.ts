/**
 * The rounds: within each, run by run, one contender after the other, so that other load on the machine affects all
 * alike.
 */
import type { Asked } from "./asked.ts"
import type { Contender } from "./contender.ts"
import type { Measure, Sample } from "./measure.ts"
import { independent, ofRuns } from "./measures/all.ts"
import { type Kind, Run } from "./Run.ts"
import type { Workspace } from "./Workspace.ts"

export interface Taken {
  readonly samples: ReadonlyArray<Sample>
  /** What could not be measured, a sentence each. */
  readonly notes: ReadonlyArray<string>
}

export async function measureAll(asked: Asked, contenders: ReadonlyArray<Contender>, workspace: Workspace): Promise<Taken> {
  const samples: Array<Sample> = []
  const notes = new Set<string>()
  const measures = ofRuns.filter(({ name }) => asked.only.includes(name))
  for (let round = 1; round <= asked.rounds; round++) {
    console.error(`round ${round} of ${asked.rounds}`)
    for (const [name, take] of independent) if (asked.only.includes(name)) samples.push(...take(round, { workspace, contenders }))
    for (const kind of kinds(measures, asked.sizes)) {
      const wanted = measures.filter(({ runs }) => runs(asked.sizes).some((run) => same(run, kind)))
      for (const contender of contenders) {
        const say = (what: string): unknown => notes.add(`${contender.title}, ${kind.leaves} leaves: ${what}.`)
        samples.push(...(await measureOne(contender, kind, wanted, { asked, workspace, round, say })))
      }
    }
  }
  return { samples, notes: [...notes] }
}

interface Context {
  readonly asked: Asked
  readonly workspace: Workspace
  readonly round: number
  readonly say: (what: string) => void
}

/** A failing contender is reported, and the bench goes on: what was measured before counts. */
async function measureOne(contender: Contender, kind: Kind, measures: ReadonlyArray<Measure>, { asked, workspace, round, say }: Context) {
  const samples: Array<Sample> = []
  let run: Run | undefined
  try {
    run = new Run(contender, workspace, kind)
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
