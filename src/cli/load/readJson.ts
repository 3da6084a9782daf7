/** Reads a tree as JSON, and its lines. An error names the line and column. */
import * as Result from "effect/Result"
import { type Locations, locationsOf, MAX_TEXT_CHARS, NO_LITERALS } from "./locations.ts"

type Read = { readonly spec: unknown; readonly locations: Locations }

/**
 * `$schema` at the top is for editors and is not part of the tree. `file`: the file whose lines are requested; without
 * it, no parser has to be loaded.
 */
export const readJson = async (text: string, file?: string): Promise<Result.Result<Read, string>> => {
  const source = text.replace(/^\uFEFF/, "")
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch (error) {
    if (source.trim() === "") return Result.fail("it is empty")
    const message = error instanceof Error ? error.message : String(error)
    return Result.fail(
      message.replace(/(, .*is not valid JSON| in JSON at position.*| after JSON at.*)$/s, "") + (await positionOf(source))
    )
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return Result.succeed({ spec: value, locations: {} })
  const { $schema: _, ...spec } = value as Record<string, unknown>
  const locations = file === undefined || source.length > MAX_TEXT_CHARS ? {} : await locationsIn(source, file, spec)
  return Result.succeed({ spec, locations })
}

const json = () => import("./jsonLiterals.ts")

/** JSON.parse has the better sentences but does not always say where. */
const positionOf = async (source: string): Promise<string> => {
  const error = (await json()).firstError(source)
  return error === undefined ? "" : ` in line ${error.line}, column ${error.column}`
}

const locationsIn = async (source: string, file: string, spec: unknown): Promise<Locations> => {
  const all = (await json()).literalsInJson(source)
  return locationsOf(spec, file, {}, () => ({ ...NO_LITERALS, all }))
}
