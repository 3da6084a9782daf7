/** Chooses the spawner of a program's trees. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { takeInherited } from "./keeper/inherited.ts"
import type { KeeperLost } from "./keeper/KeeperLost.ts"
import { makeKeeperSpawner } from "./keeper/KeeperSpawner.ts"
import { type KeeperMissing, keeperProgram } from "./keeper/program.ts"
import { makeNodeSpawner } from "./node/NodeSpawner.ts"
import type { Spawner } from "./Spawner.ts"

/**
 * Makes the spawner of one tree, which lasts as long as its scope. Closing the scope kills every leaf at once; stop
 * them in order before that.
 */
export interface MakeSpawner {
  readonly make: Effect.Effect<Spawner, never, Scope.Scope>
  /** It does what only the keeper can: it writes log files, and receives sd_notify. Default false. */
  readonly isKeeper?: boolean
}

const nodeSpawners: MakeSpawner = {
  make: Effect.acquireRelease(
    Effect.sync(() => makeNodeSpawner()),
    (spawner) => Effect.sync(spawner.close)
  )
}

/** The first tree uses the keeper that has started us, if one has; and ends with it, as everything here does. */
const keeperSpawners = (program: string): MakeSpawner => ({
  isKeeper: true,
  make: Effect.acquireRelease(
    Effect.sync(() => {
      const inherited = takeInherited()
      return makeKeeperSpawner(inherited === undefined ? { program } : { program, inherited, onLost: endWithIt })
    }),
    (spawner) => Effect.promise(spawner.close)
  )
})

const endWithIt = (error: KeeperLost): never => {
  throw error
}

/** The keeper where there is one that can run here, otherwise the portable spawner; unless another is provided. */
export const Spawners = Context.Reference<MakeSpawner>("supervise/Spawners", {
  defaultValue: () => {
    const program = keeperProgram()
    return typeof program === "string" ? keeperSpawners(program) : nodeSpawners
  }
})

/** The portable spawner as a layer. */
export const layerNode: Layer.Layer<never> = Layer.succeed(Spawners, nodeSpawners)

/** `node`: the portable spawner. `keeper`: the one over a native parent process, on Linux. */
export type SpawnerName = "node" | "keeper"

/** What is used if nothing is said. */
export const defaultSpawner = (): SpawnerName => (typeof keeperProgram() === "string" ? "keeper" : "node")

/** Fails if there is none here. */
export const spawnersNamed = (name: SpawnerName): Effect.Effect<MakeSpawner, KeeperMissing> =>
  Effect.suspend(() => {
    if (name === "node") return Effect.succeed(nodeSpawners)
    const program = keeperProgram()
    return typeof program === "string" ? Effect.succeed(keeperSpawners(program)) : Effect.fail(program)
  })

/** Runs the effect with the spawner of that name; without a name with the one that is provided. */
export const withSpawner =
  (name: SpawnerName | undefined) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | KeeperMissing, R> =>
    name === undefined ? effect : Effect.provideServiceEffect(effect, Spawners, spawnersNamed(name))
