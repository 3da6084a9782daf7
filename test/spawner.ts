/**
 * The spawner that all tests of running trees use: the portable one, or the one that SUPERVISE_TEST_SPAWNER names. The
 * contract suite of the port (test/leaf) runs on both in any case.
 */
import * as Effect from "effect/Effect"
import { type SpawnerName, Spawners, spawnersNamed } from "../src/leaf/Spawners.ts"

const name = process.env.SUPERVISE_TEST_SPAWNER as SpawnerName | undefined

/** For trees that the command line runs. */
export const spawnerFlags: ReadonlyArray<string> = name === undefined ? [] : ["--spawner", name]

/** For trees that run in the process of the test. It must come before the first of them. */
export function useChosenSpawner(): void {
  if (name === undefined) return
  const chosen = Effect.runSync(spawnersNamed(name))
  Object.assign(Spawners, { defaultValue: () => chosen })
}
