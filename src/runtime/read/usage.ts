/** What the workers of a tree use of the machine at this moment. */
import * as Effect from "effect/Effect"
import type { ReadonlyTree } from "../../core/State.ts"
import { type LeafUsage, usageOf } from "../../leaf/os/usage.ts"

/** Of all processes of the machine. It takes some milliseconds; between two such parts the tree is supervised. */
const PROCESSES_AT_ONCE = 100

export interface WorkerUsage extends LeafUsage {
  readonly path: string
}

/** Of each worker that has a process, in the order of the tree. `proc` is for tests. */
export const usageIn = ({ children }: Pick<ReadonlyTree, "children">, proc?: string): Effect.Effect<ReadonlyArray<WorkerUsage>> =>
  Effect.gen(function* () {
    const running = Array.from(children.values()).flatMap(({ path, process }) =>
      process === undefined ? [] : [{ path, pid: process.pid }]
    )
    const reading = usageOf(new Set(running.map(({ pid }) => pid)), proc)
    let step = reading.next()
    for (let seen = 1; step.done !== true; seen++) {
      if (seen % PROCESSES_AT_ONCE === 0) yield* Effect.promise(() => new Promise(setImmediate))
      step = reading.next()
    }
    const found = step.value
    return running.flatMap(({ path, pid }) => {
      const usage = found.get(pid)
      return usage === undefined ? [] : [{ path, ...usage }]
    })
  })
