/**
 * Random mutants: the changes, that the choice is repeatable, and that the lists kept by hand are up to date.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { describe, expect, it } from "vitest"
import { equivalent } from "../equivalent.ts"
import { applied, changesIn } from "./changes.ts"
import { draw, mutantsIn, mutantsOf } from "./draw.ts"
import { everyRoom, slow } from "./rooms.ts"
import { Tests } from "./stages.ts"

const root = resolve(import.meta.dirname, "../../..")
const existingTests = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" }).map((name) => `test/${name}`)
const changed = (text: string): ReadonlyArray<string> => changesIn(text).map((change) => `${change.kind}: ${applied(text, change)}`)

describe("what is changed is", () => {
  const cases: ReadonlyArray<[string, ReadonlyArray<string>]> = [
    ["a < b", ["comparison: a <= b", "comparison: a >= b"]],
    ["x = `a` + b", []],
    ["x = a - b", ["arithmetic: x = a + b"]],
    ["x = !a", ["negation: x = a"]],
    ["x = a && b", ["operand: x = a", "operand: x = b", "logic: x = a || b"]],
    ["x = a ?? b", ["nullish: x = a"]],
    ["x = a ? b : c", ["condition: x = (b)", "condition: x = (c)"]],
    ["x = 7", ["constant: x = 8", "constant: x = 3"]],
    ["x = true", ["constant: x = false"]],
    ["x = f(a, b)", ["arguments: x = f(b, a)"]],
    ["x = Math.max(a, b)", ["method: x = Math.min(a, b)"]],
    ["x = a.filter(f)", ["method: x = a"]],
    ["async () => { await a }", ["statement: async () => { ; }", "await: async () => { a }"]],
    ["function* f() { yield* a }", ["statement: function* f() { ; }", "await: function* f() { a }"]],
    ["if (a) b()", ["statement: ;", "condition: if (!(a)) b()", "statement: if (a) ;"]],
    ["x = { ...(a ? b : c) }", ["property: x = { ...{} }", "condition: x = { ...((b)) }", "condition: x = { ...((c)) }"]]
  ]
  for (const [text, expected] of cases)
    it(text, () => expect(changed(text).filter((one) => one !== "statement: ;" || text.startsWith("if"))).toEqual(expected))
  it("nothing in types, imports and indices", () =>
    expect(changed('import a from "b"\ntype A = 7 | -1\nexport const x = a[0]')).toEqual([]))
})

it("a mutant does not depend on its line number, and shows the original and the changed text", () => {
  const [one] = mutantsIn("src/core/A.ts", "export const f = (a: number) =>\n  a < 1\n")
  const [other] = mutantsIn("src/core/A.ts", "// →\n\nexport const f = (a: number) =>\n  a < 1\n")
  expect(one).toMatchObject({ line: 2, room: "core", kind: "comparison", written: "a < 1", changed: "a <= 1" })
  expect(other).toMatchObject({ line: 4, id: one!.id })
})

it("the same seed draws the same mutants, a larger count adds to them, and another seed draws others", () => {
  const all = mutantsOf(root, "core")
  const ids = (count: number, seed: number) => draw(root, all, count, seed).map(({ id }) => id)
  expect(ids(20, 1)).toEqual(ids(20, 1))
  expect(ids(40, 1).slice(0, 20)).toEqual(ids(20, 1))
  expect(ids(20, 2)).not.toEqual(ids(20, 1))
})

it("all tests in the table of rooms exist", () => {
  const tests = new Tests(root)
  const named = everyRoom.flatMap(([room, { behind, sameAsLaws = [] }]) => [`test/${room}`, ...behind, ...sameAsLaws])
  expect(named.filter((place) => tests.under(place).length === 0)).toEqual([])
  expect(slow.filter((part) => !existingTests.some((test) => test.includes(part)))).toEqual([])
})

it("each equivalent mutant exists in the sources, and has a reason", () => {
  const isThere = ({ file, written, changed }: (typeof equivalent)[number]) =>
    mutantsIn(file, readFileSync(join(root, file), "utf8")).some((mutant) => mutant.written === written && mutant.changed === changed)
  expect(equivalent.filter((one) => !isThere(one) || !one.why.endsWith("."))).toEqual([])
})
