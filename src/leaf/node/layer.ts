/** The portable spawner as a service. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { type Spawner, Spawners } from "../Spawner.ts"
import { makeNodeSpawner } from "./NodeSpawner.ts"

/** Closing the scope kills every leaf at once. Stop them in order before that. */
export const makeNode: Effect.Effect<Spawner, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => makeNodeSpawner()),
  (spawner) => Effect.sync(spawner.close)
)

/** Each tree gets its own spawner. */
export const layerNode: Layer.Layer<Spawners> = Layer.succeed(Spawners, { make: makeNode })
