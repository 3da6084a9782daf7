/** `supervise schema`: the JSON Schema of tree.json files, for editors. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { jsonSchema } from "../../tree/schema/jsonSchema.ts"
import { print } from "../print/print.ts"

export const schema = Command.make("schema", {}, () => Effect.suspend(() => print(JSON.stringify(jsonSchema(), undefined, 2)))).pipe(
  Command.withDescription("Print the JSON Schema of tree.json files.")
)
