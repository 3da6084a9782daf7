/** Chooses the spawner of a program's trees. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { makeNodeSpawner } from "./node/NodeSpawner.ts"
import type { Spawner } from "./Spawner.ts"

/**
 * Makes the spawner of one tree, which lasts as long as its scope. Closing the scope kills every leaf at once; stop
 * them in order before that.
 */
export interface MakeSpawner {
  readonly make: Effect.Effect<Spawner, never, Scope.Scope>
}

const nodeSpawners: MakeSpawner = {
  make: Effect.acquireRelease(
    Effect.sync(() => makeNodeSpawner()),
    (spawner) => Effect.sync(spawner.close)
  )
}

/** The portable spawner, unless another is provided. */
export const Spawners = Context.Reference<MakeSpawner>("supervise/Spawners", { defaultValue: () => nodeSpawners })

/** The portable spawner as a layer, for a program that has provided another one further out. */
export const layerNode: Layer.Layer<never> = Layer.succeed(Spawners, nodeSpawners)
