/**
 * Evaluates one tree file and answers with what it exports. This is the main module of a short-lived process, so
 * whatever a tree file does, it does here. It loads of our code only what a tree file needs, and a library only to find
 * lines: if they are requested, or to describe an error.
 *
 * Arguments: the absolute path of the file, `lines` or an empty text, and the tier if there is one.
 */
import { readFileSync, statSync, writeSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { plainData } from "../../tree/plainData.ts"
import { ANSWER_FD, type Answer, EVALUATION, UNANSWERED } from "./Answer.ts"
import { failedImports, loadedFiles, resolveSupervise } from "./hooks.ts"
import type { Locations } from "./locations.ts"
import { sitesOf } from "./sites.ts"

const [file = "", lines, tier] = process.argv.slice(2)

/** The time that a tree file has is kept by our parent; without it nobody would end one that waits for ever. */
const parent = process.ppid
setInterval(() => process.ppid !== parent && process.exit(), 1_000).unref()
const url = pathToFileURL(file)

const evaluate = async (): Promise<Answer> => {
  const exported: Record<string, unknown> = await import(url.href)
  if (!Object.hasOwn(exported, "default")) return { _tag: "Failed", because: noDefault(Object.keys(exported)) }
  const value = exported.default
  // Of an empty file Node thinks that it is CommonJS.
  if (Object.hasOwn(exported, "module.exports") && isEmpty(value)) return { _tag: "Failed", because: noDefault([]) }
  const { [EVALUATION]: _, ...env } = process.env
  const spec = await (typeof value === "function" ? value({ env, tier }) : value)
  if (spec === undefined) return { _tag: "Failed", because: typeof value === "function" ? returnsNothing : noDefault([]) }
  const { copy, problems } = plainData(spec)
  if (problems.length > 0) return { _tag: "NotPlain", problems }
  return { _tag: "Exported", spec: copy, locations: lines === "lines" ? await locationsIn(copy, sitesOf(spec)) : {} }
}

/** If a text is too large, or runs but cannot be parsed, only the lines of constructor calls are known. */
const locationsIn = async (tree: unknown, sites: ReturnType<typeof sitesOf>): Promise<Locations> => {
  const { MAX_TEXT_CHARS, NO_LITERALS, locationsOf } = await import("./locations.ts")
  const { literalsIn } = await import("./literals.ts")
  return locationsOf(tree, file, sites, (name) => {
    try {
      return statSync(name).size > MAX_TEXT_CHARS ? NO_LITERALS : literalsIn(readFileSync(name, "utf8"), name)
    } catch {
      return NO_LITERALS
    }
  })
}

const isEmpty = (value: unknown): boolean => typeof value === "object" && value !== null && Object.keys(value).length === 0

const noDefault = (names: ReadonlyArray<string>): string => {
  const others = names.filter((name) => name !== "module.exports")
  const exported = others.length === 0 ? "it exports nothing" : `it has no default export, only ${others.join(", ")}`
  return `${exported}. Write: export default supervisor({ ... })`
}
const returnsNothing = "the function it exports returns nothing. Did you forget a return?"

/** What the answer needs, as it is before a tree file may change it. */
const { stringify, from, exit } = { stringify: JSON.stringify, from: Buffer.from, exit: process.exit.bind(process) }
const write = writeSync

const answer = (result: Answer): never => {
  try {
    for (const prototype of [Object.prototype, Array.prototype]) Reflect.deleteProperty(prototype, "toJSON")
    const bytes = from(`${stringify(result)}\n`)
    for (let sent = 0; sent < bytes.length; ) sent += write(ANSWER_FD, bytes, sent)
  } catch {
    exit(UNANSWERED)
  }
  // A timer or server that the file left open must not keep us running.
  return exit(0)
}

const fail = async (error: unknown): Promise<never> => {
  let because = "it throws something that cannot be shown."
  try {
    const { describeError } = await import("./describeError.ts")
    because = describeError(error, file, { failedImport: failedImports.get(Object(error)), loadedFiles })
  } catch {} // an error may be made so that looking at it throws
  return answer({ _tag: "Failed", because })
}

process.on("uncaughtException", fail)
process.on("unhandledRejection", fail)
// The event loop is empty, but there is no answer.
process.on("beforeExit", () => answer({ _tag: "Failed", because: "it waits for a promise that never settles." }))
resolveSupervise(url)
void evaluate().then(answer, fail)
