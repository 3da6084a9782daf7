/** `supervise schema`: the JSON Schema of tree.json files, for editors. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { print } from "../print/print.ts"

export const schema = Command.make(
  "schema",
  {},
  Effect.fnUntraced(function* () {
    const { jsonSchema } = yield* Effect.promise(() => import("../../tree/schema/jsonSchema.ts"))
    yield* print(JSON.stringify(jsonSchema(), undefined, 2))
  })
).pipe(Command.withDescription("Print the JSON Schema of tree.json files."))
