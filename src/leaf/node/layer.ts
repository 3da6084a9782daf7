/** The portable spawner as a layer. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Spawner } from "../Spawner.ts"
import { makeNodeSpawner } from "./NodeSpawner.ts"

/** Closing its scope kills every leaf, at once; stop them in their order before. */
export const layerNode: Layer.Layer<Spawner> = Layer.effect(
  Spawner,
  Effect.acquireRelease(
    Effect.sync(() => makeNodeSpawner()),
    (spawner) => Effect.sync(spawner.close)
  )
)
