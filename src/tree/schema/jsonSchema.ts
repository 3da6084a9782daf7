/** The JSON schema of `tree.json` files, for editors: derived from the schema, so that it cannot say anything else. */
import * as Schema from "effect/Schema"
import { Tree } from "./Schema.ts"

export interface JsonSchema {
  readonly [key: string]: unknown
}

/** Draft 2020-12. What concerns several nodes at once (duplicate ids, `significant`) cannot be said in it; `supervise check` says it. */
export const jsonSchema = (): JsonSchema => {
  const { schema, definitions } = Schema.toJsonSchemaDocument(Tree, { onExcessProperty: "error" })
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A supervise tree",
    ...schema,
    $defs: { ...definitions, Supervisor: pointing(definitions.Supervisor), Pool: pointing(definitions.Pool) }
  }
}

/** The root of a file may name its schema, and a root is a supervisor or a pool. */
const pointing = (node: JsonSchema | undefined): JsonSchema => ({
  ...node,
  properties: { $schema: { type: "string" }, ...(node?.properties as JsonSchema) }
})
