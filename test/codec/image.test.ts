/** The image of a tree: restored at any moment it goes on exactly as it would have. */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { imageLines, readImage } from "../../src/codec/image.ts"
import { image, restore } from "../../src/core/Image.ts"
import * as core from "../../src/core/Machine.ts"
import type { Tree } from "../../src/tree/Spec.ts"
import { type Gene, generator } from "../core/soak/gene.ts"
import { run } from "../core/soak/run.ts"
import { parseTree } from "../core/story.ts"

const seed = Number(process.env.SEED ?? Math.floor(Date.now() / 1000))
const runs = Number(process.env.RUNS ?? (process.env.REQUIRE_ALL === "1" ? 2000 : 300))

/** The first line in which the two lives differ. */
function difference(gene: Gene, restoreEvery: number): string | undefined {
  const [plain, restored]: [Array<string>, Array<string>] = [[], []]
  run(core, gene, plain)
  run(core, gene, restored, { restoreEvery })
  const n = plain.findIndex((line, at) => line !== restored[at])
  return n < 0 && plain.length === restored.length ? undefined : `${plain[n]} became ${restored[n]}`
}

describe("a tree that is restored", () => {
  it(`takes the same decisions to its end, in ${runs} lives (SEED=${seed} npx vitest run test/codec/image.test.ts)`, async () => {
    const holds = (gene: Gene) =>
      Effect.try({
        try: () => {
          const found = difference(gene, 1 + (gene.luck % 7))
          if (found !== undefined) throw new Error(found)
          return true
        },
        catch: String
      })
    const result = await Effect.runPromise(Arbitrary.checkEffect(generator, holds, { runs, seed, maxShrinks: 200, size: 40 }))
    expect(result._tag === "Passed" ? "passed" : Arbitrary.formatCheckFailure(result as never)).toBe("passed")
  }, 600_000)

  it("shares nothing that changes with the tree it was taken of", () => {
    const tree = core.make(parseTree(["root", "  a", "  b"]) as Tree)
    core.step(tree, { _tag: "Boot" }, 0)
    const taken = image(tree)
    const before = JSON.stringify(taken)
    core.step(tree, { _tag: "Ready", path: "/root/a", incarnation: 1 }, 1)
    core.step(tree, { _tag: "Kill" }, 2)
    expect(JSON.stringify(taken)).toBe(before)
    const again = restore(tree.root, taken)
    core.step(again, { _tag: "Kill" }, 2)
    expect(JSON.stringify(taken)).toBe(before)
  })

  it.for([
    ["nothing", []],
    ["no JSON", ["{"]],
    ["another version", ['{"image":99,"seed":0,"now":0,"record":{}}']],
    ["a child without its supervisor", (lines: ReadonlyArray<string>) => [lines[0]!, lines[2]!]],
    ["a line that is cut", (lines: ReadonlyArray<string>) => [...lines.slice(0, -1), lines.at(-1)!.slice(0, -9)]]
  ] as const)("is not made of %s", ([, of]) => {
    const tree = core.make(parseTree(["root", "  a"]) as Tree)
    core.step(tree, { _tag: "Boot" }, 0)
    const lines = [...imageLines(image(tree))]
    expect(readImage(lines)).toEqual(JSON.parse(JSON.stringify(image(tree)).replaceAll('"until":null', '"until":0')))
    expect(readImage(typeof of === "function" ? of(lines) : of)).toBeUndefined()
  })
})
