/** An error of a tree file as half a sentence: what it is and on which line, without a stack. */
import { readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { dirname, extname, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"
import { describeImport } from "./describeImport.ts"
import type { FailedImport } from "./hooks.ts"
import { parseError } from "./literals.ts"

const LONGEST_MESSAGE = 500

/** What the hooks have noted. */
interface Noted {
  readonly failedImport: FailedImport | undefined
  /** URLs. */
  readonly loadedFiles: ReadonlyArray<string>
}

export const describeError = (error: unknown, file: string, { failedImport, loadedFiles }: Noted): string => {
  if (!(error instanceof Error)) return `it throws ${shorten(inspect(error))}.`
  if (failedImport !== undefined) return describeImport(error, failedImport, file)
  if ("code" in error && error.code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return `${shorten(error.message)}${locationOf(error, file)}. ${onlyStripped} write it in JavaScript.`
  }
  if (error instanceof SyntaxError) return syntaxError(error, file, loadedFiles)
  return `it throws ${error.name}: ${shorten(error.message)}${locationOf(error, file)}.`
}

const onlyStripped = "Types are only stripped, not compiled;"

const shorten = (text: string): string => (text.length <= LONGEST_MESSAGE ? text.replace(/\.$/, "") : `${text.slice(0, LONGEST_MESSAGE)}…`)

/** ` (line 3)`, or for another file, ` (lib/web.ts line 3)`. */
const locationOf = (error: Error, file: string): string => {
  const frames = String(error.stack).split("\n")
  for (const line of frames.filter((frame) => !frame.includes("node:internal"))) {
    const [, name, row] = /((?:file:\/\/)?\/[^:()]+):(\d+)/.exec(line) ?? []
    if (name === undefined || row === undefined) continue
    const path = name.startsWith("file:") ? fileURLToPath(name) : name
    if (!path.startsWith(ours)) return shownLocation(path, Number(row), file)
  }
  return ""
}
const ours = fileURLToPath(new URL(".", import.meta.url))

const shownLocation = (path: string, line: number, file: string): string =>
  path === file ? ` (line ${line})` : ` (${relative(dirname(file), path)} line ${line})`

// ---------------------------------------------------------------- syntax

/** Node seldom says where a syntax error of a module is; parsers do. */
const syntaxError = (error: SyntaxError, file: string, loadedFiles: ReadonlyArray<string>): string => {
  const known = locationOf(error, file)
  const paths = new Set([file, ...loadedFiles.map((url) => fileURLToPath(url))])
  const found = Array.from(paths, (path) => firstError(path, file)).find((first) => first !== undefined)
  if (found?.isDecorator && (known === "" || known === found.location))
    return `it uses a decorator${found.location}, which Node does not know. ${onlyStripped} write it in JavaScript.`
  return `${error.name}: ${shorten(error.message)}${known || (found?.location ?? "")}.${typeHint(error)}`
}

/** An import of what is only a type stays when types are stripped. */
const typeHint = ({ message }: SyntaxError): string => {
  const name = /does not provide an export named '([A-Z]\w*)'$/.exec(message)?.[1]
  return name === undefined ? "" : ` If ${name} is a type, write: import { type ${name} }.`
}

/** Where a file is no program; undefined if it is one, or cannot be read. */
const firstError = (path: string, file: string): { readonly location: string; readonly isDecorator: boolean } | undefined => {
  try {
    const text = readFileSync(path, "utf8")
    const source = /^\.[mc]?ts$/.test(extname(path)) ? stripTypeScriptTypes(text, { sourceUrl: path }) : text
    const error = parseError(source)
    if (error === undefined) return undefined
    return { location: shownLocation(path, error.loc.line, file), isDecorator: source[error.pos] === "@" }
  } catch (error) {
    const location = error instanceof SyntaxError ? locationOf(error, file) : ""
    return location === "" ? undefined : { location, isDecorator: false }
  }
}
