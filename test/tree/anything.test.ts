import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as EffectSchema from "effect/Schema"
import { expect, it } from "vitest"
import { decodeTreeResult, encodeTree } from "../../src/tree/decode.ts"
import type { Child, Tree } from "../../src/tree/Spec.ts"
import * as Schema from "../../src/tree/schema/Schema.ts"

const junk: ReadonlyArray<unknown> = [
  ...[
    undefined,
    null,
    true,
    0,
    -1,
    0.5,
    Number.NaN,
    1e308,
    1n,
    "",
    "x",
    "constructor",
    "__proto__",
    "tostring",
    "infinity",
    "\0",
    "5 s",
    "\ud800"
  ],
  ...[[], [[]], {}, { type: "worker" }, { type: "constructor" }, { type: 1 }, { id: "x" }, () => 1, Symbol("s"), new Date(Number.NaN), /x/]
]
const names = ["constructor", "__proto__", "toString", "command", "max", "", "a/b", "a.b", "type", "children", "child", "ready"]

/** Replaces one value of the tree, or moves it to another key. */
const damage = (tree: unknown, index: number, replacement: number, rename: boolean): unknown => {
  const entries: Array<readonly [owner: Record<string, unknown>, key: string]> = []
  const copy = JSON.parse(JSON.stringify(tree), function (this: Record<string, unknown>, key, value) {
    entries.push([this, key])
    return value
  })
  const [owner, key] = entries[index % entries.length]!
  if (rename) owner[names[replacement % names.length]!] = owner[key]
  owner[key] = junk[replacement % junk.length]
  return key === "" ? junk[replacement % junk.length] : copy
}

const integer = EffectSchema.Int.check(EffectSchema.isBetween({ minimum: 0, maximum: 1_000_000 }))
const damaged = Arbitrary.all({
  tree: Arbitrary.schema(Schema.Child),
  index: Arbitrary.schema(integer),
  replacement: Arbitrary.schema(integer),
  rename: Arbitrary.schema(EffectSchema.Boolean)
})

it("any input gives a tree or a message, and never throws", async () => {
  const seed = process.env.SEED ?? Math.floor(Math.random() * 2 ** 32)
  const property = ({ tree, index, replacement, rename }: { tree: Child; index: number; replacement: number; rename: boolean }) =>
    Effect.try({
      try: () => {
        const decoded = decodeTreeResult(damage(encodeTree(tree as Tree), index, replacement, rename))
        return (
          Result.isSuccess(decoded) ||
          decoded.failure.message.split("\n").every((line) => /^( {2}\/|the tree is| {2}and \d+ more)/.test(line))
        )
      },
      catch: (error) => error
    })
  const options = {
    runs: Number(process.env.RUNS ?? 500),
    seed,
    ...(process.env.REPLAY === undefined ? {} : { replay: process.env.REPLAY })
  }
  const result = await Effect.runPromise(Arbitrary.checkEffect(damaged, property, options))
  const again = `Run it again: SEED=${seed} npx vitest run test/tree/anything.test.ts (or with REPLAY, see below)`
  expect(result._tag, `${again}\n${Arbitrary.formatCheckFailure(result)}`).toBe("Passed")
})
