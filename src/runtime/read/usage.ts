/** What the workers of a tree use of the machine at this moment. */
import * as Effect from "effect/Effect"
import type { ReadonlyTree } from "../../core/State.ts"
import { type LeafUsage, usageOf } from "../../leaf/os/usage.ts"

/** All of /proc is looked through, in slices, between which the tree is supervised. */
const SLICE_MS = 5

export interface WorkerUsage extends LeafUsage {
  readonly path: string
}

/** Of each worker that has a process, in the order of the tree. */
export const usageIn = ({ children }: ReadonlyTree): Effect.Effect<ReadonlyArray<WorkerUsage>> =>
  Effect.gen(function* () {
    const running = Array.from(children.values(), ({ path, process }) => ({ path, pid: process?.pid ?? 0 })).filter(({ pid }) => pid > 0)
    const reading = usageOf(new Set(running.map(({ pid }) => pid)))
    let began = performance.now()
    let step = reading.next()
    for (; step.done !== true; step = reading.next()) {
      if (performance.now() - began < SLICE_MS) continue
      yield* Effect.promise(() => new Promise(setImmediate))
      began = performance.now()
    }
    const found = step.value
    return running.flatMap(({ path, pid }) => {
      const usage = found.get(pid)
      return usage === undefined ? [] : [{ path, ...usage }]
    })
  })
