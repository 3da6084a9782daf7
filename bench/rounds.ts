/**
 * The rounds: within each, run by run, one contender after the other, so that other load on the machine affects all
 * alike.
 */
import type { Asked } from "./asked.ts"
import type { Contender } from "./contender.ts"
import type { Measure, Sample, Scene } from "./measure.ts"
import { independent, inTurns, ofRuns } from "./measures/all.ts"
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
  const say: Scene["say"] = ({ title }, leaves, what) => void notes.add(`${title}, ${leaves} leaves: ${what}.`)
  const scene = { workspace, contenders, sizes: asked.sizes, pace: asked.pace, say }
  const measures = ofRuns.filter(({ name }) => asked.only.includes(name))
  for (let round = 1; round <= asked.rounds; round++) {
    console.error(`round ${round} of ${asked.rounds}`)
    for (const [name, take] of independent) if (asked.only.includes(name)) samples.push(...take(round, scene))
    for (const [name, take] of inTurns) if (asked.only.includes(name) && contenders.length > 0) samples.push(...(await take(round, scene)))
    for (const kind of kinds(measures, asked.sizes)) {
      const wanted = measures.filter(({ runs }) => runs(asked.sizes).some((run) => same(run, kind)))
      for (const contender of contenders) samples.push(...(await measureOne(contender, kind, wanted, round, scene)))
    }
  }
  return { samples, notes: [...notes] }
}

/** A failing contender is reported, and the bench goes on: what was measured before counts. */
async function measureOne(contender: Contender, kind: Kind, measures: ReadonlyArray<Measure>, round: number, scene: Scene) {
  const samples: Array<Sample> = []
  let run: Run | undefined
  try {
    run = new Run(contender, scene.workspace, kind)
    await run.booted()
    for (const measure of measures) {
      const taken = await measure.take(run, scene.pace)
      if (taken !== undefined) samples.push({ measure: measure.name, size: kind.leaves, of: contender.name, round, ...taken })
    }
  } catch (error) {
    scene.say(contender, kind.leaves, (error as Error).message)
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
