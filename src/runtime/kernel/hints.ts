/** Tells the core when what a waiting child is made of has changed: a backoff of a minute is no use to somebody who has just mended a program. */
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { find } from "../../core/Machine.ts"
import { ProgramChanges } from "../../leaf/watch/ProgramChanges.ts"
import type { TreeEvent } from "../read/TreeEvent.ts"
import type { Kernel } from "./Kernel.ts"

/** Who waits for less need not be hurried. */
const LONG_MS = 1_000

/** Begins to look, until the scope is closed. `folder`: what the workers' relative folders are relative to. */
export const hints = (kernel: Kernel, folder: string): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const changes = new ProgramChanges()
      const begin = (path: string): void => {
        const child = find(kernel.state, path)?.child
        if (child?.spec.type !== "worker") return
        const { start, cwd, env } = child.spec
        const where = env.PATH === undefined ? process.env.PATH : (env.PATH ?? undefined)
        const command = { argv: [...start, ...child.argv], cwd: resolve(folder, cwd), path: where }
        changes.await(path, command, () => kernel.send({ _tag: "Hint", path }))
      }
      const told = (event: TreeEvent): void => {
        if (event._tag === "Failed" || (event._tag === "Backoff" && event.delayMs >= LONG_MS)) begin(event.path)
        else if (event._tag === "Pending" && event.by._tag === "Breaker") begin(event.path)
        else if (event._tag === "Starting" || event._tag === "WaitCancelled" || event._tag === "Removed") changes.forget(event.path)
      }
      const unwatch = kernel.observe({ told })
      return () => {
        unwatch()
        changes.close()
      }
    }),
    (close) => Effect.sync(close)
  ).pipe(Effect.asVoid)
