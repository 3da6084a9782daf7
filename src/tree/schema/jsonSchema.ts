/** The JSON Schema of `tree.json` files, for editors. Derived from the schema, so the two cannot differ. */
import * as Schema from "effect/Schema"
import { durationPattern } from "../duration.ts"
import { isRecord } from "../problems/problem.ts"
import { sizePattern } from "../size.ts"
import { meanings, timetable } from "./meanings.ts"
import { Tree } from "./Schema.ts"

export interface JsonSchema {
  readonly [key: string]: unknown
}

/**
 * Draft 2020-12. It cannot express rules between nodes (duplicate ids, `significant`); `supervise check` reports those.
 */
export const jsonSchema = (): JsonSchema => {
  const { schema, definitions } = Schema.toJsonSchemaDocument(Tree, { onExcessProperty: "error" })
  return described({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A supervise tree",
    ...schema,
    $defs: { ...definitions, RootSupervisor: withSchemaKey(definitions.RootSupervisor), RootPool: withSchemaKey(definitions.RootPool) }
  }) as JsonSchema
}

/** The root of a file may name its schema. */
const withSchemaKey = (node: JsonSchema | undefined): JsonSchema => ({
  ...node,
  properties: { $schema: { type: "string", description: "Where this schema is, for editors." }, ...(node?.properties as JsonSchema) }
})

/** With what each field means. `holder`: the field that holds this schema. */
const described = (schema: unknown, holder = ""): unknown => {
  if (Array.isArray(schema)) return schema.map((part) => described(part, holder))
  if (!isRecord(schema)) return schema
  const { properties, ...rest } = schema as JsonSchema
  const others = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, described(value, holder)]))
  if (!isRecord(properties)) return others
  const fields = properties as Record<string, JsonSchema>
  const kind = (fields.type?.enum as ReadonlyArray<string> | undefined)?.[0] ?? holder
  const entries = Object.entries(fields).map(([name, field]) => {
    const meaning = meanings[kind]?.[name] ?? timetable[name]
    const inner = described(field, name) as JsonSchema
    return [name, meaning === undefined ? inner : { ...inner, description: meaning + unitOf(field) }] as const
  })
  return { ...others, properties: Object.fromEntries(entries) }
}

/** How a quantity is written, for a field that takes one. */
const unitOf = (field: unknown): string => {
  const text = JSON.stringify(field)
  if (text.includes(JSON.stringify(durationPattern.source)) && !text.includes('"properties"'))
    return ' A duration: "5 seconds", "250 millis", "5s", "250ms".'
  return text.includes(JSON.stringify(sizePattern.source)) && !text.includes('"properties"') ? ' A size: "512 MiB", "1 GB".' : ""
}
