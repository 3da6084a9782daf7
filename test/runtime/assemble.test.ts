/** What a tree has when it is assembled, before it boots. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import { decodeTree } from "supervise"
import { expect, it } from "vitest"
import { assemble } from "../../src/runtime/assemble.ts"
import { root, sleeper, story } from "./tree.ts"

story(
  "the seed of all chance is the one that is given, or a new one each time",
  Effect.gen(function* () {
    const tree = yield* decodeTree(root([sleeper("a")]))
    const seedOf = (seed?: number) =>
      Effect.scoped(Effect.map(assemble(tree, seed === undefined ? {} : { seed }), ({ kernel }) => kernel.state.seed))
    expect(yield* seedOf(7)).toBe(7)
    const [one, two] = [yield* seedOf(), yield* seedOf()]
    for (const seed of [one, two]) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31).toBe(true)
    expect(one).not.toBe(two)
  })
)

it("a tree of which nothing runs any more keeps its program alive", async () => {
  const file = resolve(import.meta.dirname, "../fixtures/runtime/idle.ts")
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] })
  try {
    const [said] = await once(child.stdout, "data")
    expect(String(said)).toBe("idle\n")
  } finally {
    child.kill("SIGKILL")
  }
})
