/** Variants are compared with the first that was written. */
import { expect, it } from "vitest"
import { supervisor, worker } from "../../src/index.ts"
import { BadRehearsal, times, vary, whatIf } from "../../src/testing.ts"

const shop = supervisor({ id: "shop", children: [worker({ id: "web", start: ["web"] })] })
const world = { for: "1h", runs: 5, behaviours: [{ path: "web", lifetime: times.exponential("5s") }] } as const
const allowing = (intensity: number) => vary(shop, { intensity })

it("a name that is a number is refused: JavaScript would put 3 before 10, and compare with the wrong one", () => {
  const variants = { 10: allowing(10), 3: allowing(3), "as it is": shop }
  expect(Object.keys(variants)[0]).toBe("3")
  expect(() => whatIf(variants, world)).toThrow(BadRehearsal)
  expect(() => whatIf(variants, world)).toThrow('a variant\'s name cannot be a number alone: 3, 10. Call it "3 restarts", for example.')
})

it("a name with more than a number keeps its place", () => {
  const [ten, three] = whatIf({ "10 restarts": allowing(10), "3 restarts": allowing(3) }, world)
  expect([ten!.name, three!.name]).toEqual(["10 restarts", "3 restarts"])
  expect(ten!.gained).toEqual({ mean: 0, low: 0, high: 0 })
})
