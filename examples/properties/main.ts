/**
 * Three properties of the shop's restart policies, each tested in two hundred simulations with random faults. The third
 * does not hold, on purpose: the output is the smallest counterexample.
 *
 *   npx node examples/properties/main.ts
 */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import {
  arbitraries,
  type Injection,
  invariants,
  type Rehearsal,
  type ScheduledInjection,
  type SimulateOptions,
  shrink,
  simulate,
  times
} from "supervise/testing"
import shop from "./tree.ts"

interface Property {
  readonly name: string
  /** Which of the random faults it is about. */
  readonly about: (fault: Injection) => boolean
  readonly holds: (rehearsal: Rehearsal) => boolean
}

const properties: ReadonlyArray<Property> = [
  {
    name: "whatever is killed, everything comes up again and stops in order",
    about: ({ type }) => type === "kill" || type === "stall",
    holds: ({ violations }) => violations.length === 0
  },
  {
    name: "what happens to the jobs does not bring the database down",
    about: (fault) => "path" in fault && fault.path.startsWith("/shop/jobs/"),
    holds: ({ workers }) => workers.get("/shop/db")!.starts === 1
  },
  {
    name: "no outage of the database brings the whole shop down once it is up",
    about: (fault) => fault.type === "outage" && fault.path === "/shop/db",
    holds: ({ ended }) => ended?.exit._tag !== "GaveUp"
  }
]

/**
 * Every start takes a moment, as it does live. After ten minutes the faults are over, and at the end the tree is
 * stopped.
 */
const world = (seed: number, injections: ReadonlyArray<ScheduledInjection>): SimulateOptions => ({
  for: "10 minutes",
  calm: "1 hour",
  stop: true,
  seed,
  injections,
  behaviours: [{ path: "shop", starting: times.exponential("200ms") }],
  invariants
})

const worlds = Arbitrary.all({ seed: arbitraries.seed, faults: arbitraries.injections(shop, { for: "10 minutes", most: 40 }) })

for (const { name, about, holds } of properties) {
  const property = ({ seed, faults }: { readonly seed: number; readonly faults: ReadonlyArray<ScheduledInjection> }) =>
    holds(simulate(shop, world(seed, faults.filter(about))))
  const result = await Effect.runPromise(Arbitrary.checkEffect(worlds, property, { runs: 200, seed: 7 }))
  if (result._tag !== "Falsified") {
    console.log(`holds          ${name}`)
    continue
  }
  const { seed, faults } = result.shrunkInput
  const { tree, options, rehearsal } = shrink(shop, world(seed, faults.filter(about)), (rehearsal) => !holds(rehearsal))!
  console.log(`does not hold  ${name}`)
  console.log(`  the smallest tree:   ${JSON.stringify(tree.type === "supervisor" ? tree.children.map(({ id }) => id) : tree.id)}`)
  console.log(`  the smallest faults: ${JSON.stringify(options.injections)}`)
  console.log(`  what comes of them:  ${rehearsal.ended?.exit._tag} after ${rehearsal.ended?.at} ms and ${rehearsal.restarts} restarts`)
}
