/**
 * What crosses the socket arrives as it was sent. Events are written as plain JSON, in which a key whose value is
 * undefined is gone.
 */
import { isDeepStrictEqual } from "node:util"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { expect, it } from "vitest"
import { Exit } from "../../src/codec/exit.ts"
import { TreeEvent } from "../../src/http/wire.ts"

const SEED = Number(process.env.SEED ?? Math.floor(Date.now() / 1000))

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

it.for([
  ["events", TreeEvent],
  ["exits", Exit]
] as const)(`%s are read again (SEED=${SEED} npx vitest run test/http/wire.test.ts)`, async ([, schema]) => {
  const plain = schema as Schema.Codec<unknown, unknown>
  const isReadAgain = (value: unknown) =>
    Effect.try({
      try: () => {
        const read = Schema.decodeUnknownSync(plain)(asJson(Schema.encodeUnknownSync(plain)(value)))
        return isDeepStrictEqual(asJson(read), asJson(value))
      },
      catch: String
    })
  const result = await Effect.runPromise(Arbitrary.checkEffect(Arbitrary.schema(plain), isReadAgain, { seed: SEED, runs: 2000 }))
  expect(result._tag === "Passed" ? "passed" : Arbitrary.formatCheckFailure(result as never)).toBe("passed")
})
