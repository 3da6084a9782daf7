/** The JSON Schema of `tree.json` files, for editors. Derived from the schema, so the two cannot differ. */
import * as Schema from "effect/Schema"
import { Tree } from "./Schema.ts"

export interface JsonSchema {
  readonly [key: string]: unknown
}

/**
 * Draft 2020-12. It cannot express rules between nodes (duplicate ids, `significant`); `supervise check` reports those.
 */
export const jsonSchema = (): JsonSchema => {
  const { schema, definitions } = Schema.toJsonSchemaDocument(Tree, { onExcessProperty: "error" })
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A supervise tree",
    ...schema,
    $defs: { ...definitions, RootSupervisor: withSchemaKey(definitions.RootSupervisor), RootPool: withSchemaKey(definitions.RootPool) }
  }
}

/** The root of a file may name its schema. */
const withSchemaKey = (node: JsonSchema | undefined): JsonSchema => ({
  ...node,
  properties: { $schema: { type: "string" }, ...(node?.properties as JsonSchema) }
})
