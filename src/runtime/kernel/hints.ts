/**
 * Sends a hint when the program of a waiting child has changed: after a fix there is no reason to wait for a backoff of
 * a minute.
 */
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { ProgramChanges } from "../../leaf/watch/ProgramChanges.ts"
import type { TreeEvent } from "../read/TreeEvent.ts"
import type { Kernel } from "./Kernel.ts"

/** Shorter backoffs need no hint. */
const LONG_BACKOFF_MS = 1_000

/** Runs until the scope is closed. `folder`: the base of the workers' relative folders. */
export const hints = (kernel: Kernel, folder: string): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const changes = new ProgramChanges()
      const begin = (path: string): void => {
        const child = kernel.state.children.get(path)
        if (child?.spec.type !== "worker") return
        const { start, cwd, env } = child.spec
        const searchPath = env.PATH === undefined ? process.env.PATH : env.PATH
        const command = { argv: [...start, ...child.argv], cwd: resolve(folder, cwd), path: searchPath ?? "" }
        changes.await(path, command, () => kernel.send({ _tag: "Hint", path }))
      }
      const told = (event: TreeEvent): void => {
        if (event._tag === "Failed" || (event._tag === "Backoff" && event.delayMs >= LONG_BACKOFF_MS)) begin(event.path)
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
