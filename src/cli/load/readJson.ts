/** Reads a tree as JSON. An error names the line and column. */
import * as Result from "effect/Result"

/** `$schema` at the top is for editors and is not part of the tree. */
export const readJson = (text: string): Result.Result<unknown, string> => {
  const source = text.replace(/^\uFEFF/, "")
  try {
    const value: unknown = JSON.parse(source)
    if (typeof value !== "object" || value === null || Array.isArray(value)) return Result.succeed(value)
    const { $schema: _, ...tree } = value as Record<string, unknown>
    return Result.succeed(tree)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (source.trim() === "") return Result.fail("it is empty")
    return Result.fail(
      `${message.replace(/(, .*is not valid JSON| in JSON at position.*| after JSON at.*)$/s, "")} in ${positionOf(source)}`
    )
  }
}

/** JSON.parse does not always say where. The mistake is at the end of the shortest prefix that no text can complete. */
const positionOf = (source: string): string => {
  let [good, bad] = [0, source.length + 1]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (canBeCompleted(source.slice(0, middle))) good = middle
    else bad = middle
  }
  const lines = source.slice(0, good).split("\n")
  return `line ${lines.length}, column ${lines[lines.length - 1]!.length + 1}`
}

const canBeCompleted = (beginning: string): boolean => {
  try {
    JSON.parse(beginning)
    return true
  } catch (error) {
    const message = error instanceof Error ? error.message : ""
    const [, position] = /at position (\d+)/.exec(message) ?? []
    return /^(Unexpected end|Unterminated)/.test(message) || Number(position) === beginning.length
  }
}
