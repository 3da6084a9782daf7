/**
 * Evaluates one tree file and answers with what it exports. This is the main module of a short-lived process: whatever a tree file does,
 * it does it here. It loads nothing of ours but what a tree file needs, and a library only to tell lines, if it is asked for them.
 *
 * Arguments: the absolute path of the file, `lines` or an empty text, and the tier if there is one.
 */
import { readFileSync, statSync, writeSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { plainData } from "../../tree/plainData.ts"
import { ANSWER_FD, type Answer } from "./Answer.ts"
import { describeError } from "./describeError.ts"
import { resolveSupervise } from "./hooks.ts"
import type { Places } from "./places.ts"
import { sitesOf } from "./sites.ts"

const [file = "", lines, tier] = process.argv.slice(2)
const url = pathToFileURL(file)

const evaluate = async (): Promise<Answer> => {
  const exported: Record<string, unknown> = await import(url.href)
  if (!Object.hasOwn(exported, "default")) return { _tag: "Failed", because: noDefault(Object.keys(exported)) }
  const value = exported.default
  const spec = await (typeof value === "function" ? value({ env: { ...process.env }, tier }) : value)
  if (spec === undefined) return { _tag: "Failed", because: typeof value === "function" ? returnsNothing : noDefault([]) }
  const { copy, problems } = plainData(spec)
  if (problems.length > 0) return { _tag: "NotPlain", problems }
  return { _tag: "Exported", spec: copy, places: lines === "lines" ? await placesIn(copy, sitesOf(spec)) : {} }
}

/** Of a text that is too large, or can be run and yet not be read, nothing is known but the calls. */
const placesIn = async (tree: unknown, sites: ReturnType<typeof sitesOf>): Promise<Places> => {
  const { MAX_TEXT, NO_LITERALS, placesOf } = await import("./places.ts")
  const { literalsIn } = await import("./literals.ts")
  return placesOf(tree, file, sites, (name) => {
    try {
      return statSync(name).size > MAX_TEXT ? NO_LITERALS : literalsIn(readFileSync(name, "utf8"), name)
    } catch {
      return NO_LITERALS
    }
  })
}

const noDefault = (names: ReadonlyArray<string>): string => {
  const others = names.filter((name) => name !== "module.exports")
  const exported = others.length === 0 ? "it exports nothing" : `it has no default export, only ${others.join(", ")}`
  return `${exported}. Write: export default supervisor({ ... })`
}
const returnsNothing = "the function it exports returns nothing. Did you forget a return?"

const answer = (said: Answer): never => {
  const bytes = Buffer.from(`${JSON.stringify(said)}\n`)
  for (let sent = 0; sent < bytes.length; ) sent += writeSync(ANSWER_FD, bytes, sent)
  // A timer or a server that the file has left open must not keep us.
  process.exit(0)
}
const fail = (error: unknown): never => answer({ _tag: "Failed", because: describeError(error, file) })

process.on("uncaughtException", fail)
process.on("unhandledRejection", fail)
// Nothing is left to happen, and still no answer.
process.on("beforeExit", () => answer({ _tag: "Failed", because: "it waits for a promise that nobody settles." }))
resolveSupervise(url)
void evaluate().then(answer, fail)
