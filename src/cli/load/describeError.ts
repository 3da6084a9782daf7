/** An error of a tree file as half a sentence: what it is and on which line, without a stack. */
import { readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { dirname, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"

const LONGEST_MESSAGE = 500

export const describeError = (error: unknown, file: string): string => {
  if (!(error instanceof Error)) return `it throws ${shorten(inspect(error))}.`
  const code = "code" in error ? error.code : undefined
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") return missing(error, file)
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return `${error.message}${locationOf(error, file)}. Types are only stripped, not compiled; write it in JavaScript.`
  }
  const what = `${error.name}: ${shorten(error.message)}`
  if (error instanceof SyntaxError) return `${what}${locationOf(error, file) || syntaxErrorLocation(file)}.`
  return `it throws ${what}${locationOf(error, file)}.`
}

const shorten = (text: string): string => (text.length <= LONGEST_MESSAGE ? text.replace(/\.$/, "") : `${text.slice(0, LONGEST_MESSAGE)}…`)

const missing = (error: Error, file: string): string => {
  const [, name = "a module", importer] = /Cannot find (?:package|module) '([^']*)'(?: imported from (.*))?/.exec(error.message) ?? []
  const by = importer === undefined || importer === file ? "it" : shownFile(importer, file)
  const isPath = name.startsWith("/")
  return `${by} imports ${isPath ? shownFile(name, file) : `"${name}"`}, which is not ${isPath ? "there" : "installed here"}.`
}

/** ` (line 3)`, or for another file, ` (lib/web.ts line 3)`. */
const locationOf = (error: Error, file: string): string => {
  const frames = String(error.stack).split("\n")
  for (const line of frames.filter((frame) => !frame.includes("node:internal"))) {
    const [, name, row] = /((?:file:\/\/)?\/[^:()]+):(\d+)/.exec(line) ?? []
    if (name === undefined || row === undefined) continue
    const path = name.startsWith("file:") ? fileURLToPath(name) : name
    if (!path.startsWith(ours)) return path === file ? ` (line ${row})` : ` (${shownFile(path, file)} line ${row})`
  }
  return ""
}
const ours = fileURLToPath(new URL(".", import.meta.url))

/** Node does not report the line of a syntax error in a JavaScript module; its TypeScript parser does. */
const syntaxErrorLocation = (file: string): string => {
  try {
    stripTypeScriptTypes(readFileSync(file, "utf8"), { sourceUrl: file })
    return ""
  } catch (error) {
    return error instanceof Error ? locationOf(error, file) : ""
  }
}

const shownFile = (path: string, file: string): string => relative(dirname(file), path)
