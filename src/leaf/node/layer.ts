/** The portable spawner as a service. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { type Spawner, Spawners } from "../Spawner.ts"
import { makeNodeSpawner } from "./NodeSpawner.ts"

/** Closing the scope kills every leaf, at once; stop them in their order before. */
export const makeNode: Effect.Effect<Spawner, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => makeNodeSpawner()),
  (spawner) => Effect.sync(spawner.close)
)

/** Every tree gets a spawner of its own. */
export const layerNode: Layer.Layer<Spawners> = Layer.succeed(Spawners, { make: makeNode })
