/** The image of a tree: restored at any moment it goes on exactly as it would have. */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { imageLines, readImage } from "../../src/codec/image.ts"
import type { Event, Request } from "../../src/core/Event.ts"
import { image, restore } from "../../src/core/Image.ts"
import * as core from "../../src/core/Machine.ts"
import { pool, worker } from "../../src/tree/constructors.ts"
import { decodeTreeOrThrow } from "../../src/tree/decode.ts"
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

  /** Long lists are written in pieces, JSON has no Infinity, and an argument may be called so. */
  it("has an image that is the same after it was written and read", () => {
    const root = decodeTreeOrThrow(pool({ id: "p", size: 1_200, child: worker({ id: "w", start: ["w"], shutdown: "infinity" }) }))
    const tree = core.make(root)
    core.step(tree, { _tag: "Boot" }, 0)
    core.step(tree, { _tag: "Call", path: "/p", ticket: 1, request: { _tag: "startInstance", argv: ["Infinity"] } }, 1)
    for (const path of tree.children.keys()) core.step(tree, { _tag: "Ready", path, incarnation: 1 }, 2)
    core.step(tree, { _tag: "Stop" }, 3)
    const taken = image(tree)
    expect(taken.supervisors[0]).toMatchObject({ mode: "ending", toStop: { length: 1_201 } })
    expect(taken.supervisors[0]!.children.at(-1)).toMatchObject({ argv: ["Infinity"], until: Number.POSITIVE_INFINITY })
    const lines = [...imageLines(taken)]
    expect(readImage(lines)).toEqual(taken)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(20_000)
  })

  it("keeps the records of children that are gone, and of those below them, in their order", () => {
    const tree = core.make(parseTree(["root", "  a", "  s", "    b", "    c"]) as Tree)
    let now = 0
    const tell = (event: Event): void => void core.step(tree, event, ++now)
    const ask = (request: Request): void => tell({ _tag: "Call", path: "/root", ticket: now, request })
    tell({ _tag: "Boot" })
    for (const path of ["/root/a", "/root/s/b", "/root/s/c"]) tell({ _tag: "Ready", path, incarnation: 1 })
    ask({ _tag: "terminateChild", id: "s" })
    for (const path of ["/root/s/c", "/root/s/b"])
      tell({ _tag: "Exited", path, incarnation: 1, exit: { _tag: "Signal", signal: "SIGTERM" } })
    const below = image(tree).supervisors[0]!
    expect(below.records.map(([path, { incarnation }]) => [path, incarnation])).toEqual([
      ["s/b", 1],
      ["s/c", 1]
    ])
    expect(below.order).toEqual([])
    ask({ _tag: "terminateChild", id: "a" })
    tell({ _tag: "Exited", path: "/root/a", incarnation: 1, exit: { _tag: "Signal", signal: "SIGTERM" } })
    ask({ _tag: "deleteChild", id: "a" })
    ask({ _tag: "deleteChild", id: "s" })
    const gone = image(tree)
    expect(gone.supervisors[0]).toMatchObject({ order: ["a", "s"], children: [] })
    expect(gone.supervisors[0]!.records.map(([path]) => path)).toEqual(["a", "s", "s/b", "s/c"])
    expect(image(restore(tree.root, readImage(imageLines(gone))!))).toEqual(gone)
  })

  it.for([
    ["nothing", []],
    ["no JSON", ["{"]],
    ["another version", ['{"image":99,"seed":0,"now":0,"record":{}}']],
    ["a child without its supervisor", (lines: ReadonlyArray<string>) => [lines[0]!, lines.at(-1)!]],
    ["a line that is cut", (lines: ReadonlyArray<string>) => [...lines.slice(0, -1), lines.at(-1)!.slice(0, -9)]]
  ] as const)("is not made of %s", ([, of]) => {
    const tree = core.make(parseTree(["root", "  a"]) as Tree)
    core.step(tree, { _tag: "Boot" }, 0)
    const lines = [...imageLines(image(tree))]
    expect(readImage(lines)).toEqual(image(tree))
    expect(readImage(typeof of === "function" ? of(lines) : of)).toBeUndefined()
  })
})
