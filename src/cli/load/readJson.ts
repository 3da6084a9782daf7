/** A tree as JSON: its lines; and where the text is wrong, the line and the column. */
import * as Result from "effect/Result"
import { MAX_TEXT, NO_LITERALS, type Places, placesOf } from "./places.ts"

type Read = { readonly spec: unknown; readonly places: Places }

/**
 * `$schema` at the top is for editors, and no part of the tree. `file`: whose lines are wanted; if none are, no parser
 * has to be loaded.
 */
export const readJson = async (text: string, file?: string): Promise<Result.Result<Read, string>> => {
  const source = text.replace(/^\uFEFF/, "")
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch (error) {
    if (source.trim() === "") return Result.fail("it is empty")
    const message = error instanceof Error ? error.message : String(error)
    return Result.fail(message.replace(/(, .*is not valid JSON| in JSON at position.*| after JSON at.*)$/s, "") + (await place(source)))
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return Result.succeed({ spec: value, places: {} })
  const { $schema: _, ...spec } = value as Record<string, unknown>
  const places = file === undefined || source.length > MAX_TEXT ? {} : await placesIn(source, file, spec)
  return Result.succeed({ spec, places })
}

const json = () => import("./jsonLiterals.ts")

/** JSON.parse has the better words but does not always say where. */
const place = async (source: string): Promise<string> => {
  const error = (await json()).firstError(source)
  return error === undefined ? "" : ` in line ${error.line}, column ${error.column}`
}

const placesIn = async (source: string, file: string, spec: unknown): Promise<Places> => {
  const all = (await json()).literalsInJson(source)
  return placesOf(spec, file, {}, () => ({ ...NO_LITERALS, all }))
}
