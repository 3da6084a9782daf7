/**
 * The spawners of this machine, and the contract suite of the port: the same tests for each of them. What only one can
 * do is asked of that one.
 */
import { beforeEach, describe } from "vitest"
import { makeKeeperSpawner } from "../../src/leaf/keeper/KeeperSpawner.ts"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import { makeNodeSpawner } from "../../src/leaf/node/NodeSpawner.ts"
import type { OwnedSpawner } from "../../src/leaf/Spawner.ts"

interface Tested {
  readonly name: "node" | "keeper"
  readonly make: () => OwnedSpawner
}

const program = keeperProgram()
if (typeof program !== "string") {
  if (process.env.REQUIRE_ALL === "1") throw program
  console.log(`Left out: the contract suite on the keeper, as ${program.because} (npm run keeper).`)
}

const tested: ReadonlyArray<Tested> = [
  { name: "node", make: () => makeNodeSpawner() },
  ...(typeof program === "string" ? [{ name: "keeper" as const, make: () => makeKeeperSpawner({ program }) }] : [])
]

let chosen = tested[0]!

/** The name of the spawner that this test is run for; outside the contract suite the portable one. */
export const spawnerName = (): Tested["name"] => chosen.name

/** A new spawner of the kind that this test is run for. */
export const makeSpawner = (): OwnedSpawner => chosen.make()

/** Runs these tests once for every spawner, or for those that are named. */
export function contract(name: string, tests: () => void, only: ReadonlyArray<Tested["name"]> = ["node", "keeper"]): void {
  for (const spawner of tested) {
    if (!only.includes(spawner.name)) continue
    describe(`${name} (${spawner.name})`, () => {
      beforeEach(() => {
        chosen = spawner
      })
      tests()
    })
  }
}
