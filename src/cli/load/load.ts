/** Loads a tree from a file. Every failure is a `BadTree` with a sentence for the author of the file. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, type Stats, statSync } from "node:fs"
import { basename, dirname, extname, join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { decodeTreeResult } from "../../tree/decode.ts"
import { BadTree } from "../../tree/problems/BadTree.ts"
import { listed } from "../../tree/problems/expectation.ts"
import { nearest } from "../../tree/problems/nearest.ts"
import type { SourceMap } from "../../tree/SourceMap.ts"
import type { Tree } from "../../tree/Spec.ts"
import { evaluate, type LoadOptions } from "./evaluator.ts"
import type { Locations } from "./locations.ts"
import { readJson } from "./readJson.ts"
import { extensions } from "./treeFiles.ts"

interface Loaded {
  /** With all defaults filled in. */
  readonly tree: Tree
  /** The tree as it is written, with the places of its nodes in the file if `lines` was requested. */
  readonly origin: SourceMap
  /** The absolute folder of the file; relative paths in the tree start there. */
  readonly folder: string
  /** What the file printed while it was evaluated. */
  readonly printed: string
}

/** The largest file that is read, source or JSON. */
const MAX_FILE_BYTES = 64 * 1024 * 1024

/** Reads a tree file (.json), or evaluates it in a process of its own (.ts, .mts, .js, .mjs), and decodes the tree. */
export const loadTree = Effect.fnUntraced(function* (name: string, options: LoadOptions = {}): Effect.fn.Return<Loaded, BadTree> {
  const failed = (because: string) => new BadTree({ source: name, because, problems: [] })
  const file = yield* Effect.try({ try: () => resolve(name), catch: () => failed("the folder you are in is gone.") })
  const trouble = unreadable(file, name)
  if (trouble !== undefined) return yield* failed(trouble)

  const exported = yield* extname(file) === ".json" ? readData(file, options) : runProgram(file, options)
  if ("because" in exported) return yield* failed(exported.because)
  if ("problems" in exported) return yield* new BadTree({ source: name, problems: exported.problems })
  const decoded = decodeTreeResult(exported.spec, name)
  if (Result.isFailure(decoded)) return yield* decoded.failure
  const tree = decoded.success
  const origin = { spec: exported.spec, places: new Map(Object.entries(exported.locations)) }
  return { tree, origin, folder: dirname(file), printed: exported.printed }
})

type Exported = { spec: unknown; locations: Locations; printed: string } | { because: string } | { problems: BadTree["problems"] }

const runProgram = (file: string, options: LoadOptions): Effect.Effect<Exported> =>
  Effect.map(evaluate(file, options), ({ answer, printed }): Exported => {
    switch (answer._tag) {
      case "Exported":
        return { spec: answer.spec, locations: answer.locations, printed }
      case "NotPlain":
        return { problems: answer.problems }
      case "Failed":
        return { because: answer.because + quoted(printed) }
    }
  })

const readData = (file: string, { lines = false }: LoadOptions): Effect.Effect<Exported> =>
  Effect.promise(async () => {
    try {
      const read = await readJson(readFileSync(file, "utf8"), lines ? file : undefined)
      return Result.isSuccess(read) ? { ...read.success, printed: "" } : { because: `${read.failure}.` }
    } catch (error) {
      return { because: `it cannot be read: ${errorCode(error)}.` }
    }
  })

/** What it printed before it failed often explains the failure. */
const quoted = (printed: string): string => {
  const lines = printed.trim().split("\n").slice(-MAX_QUOTED_LINES)
  return lines[0] === "" ? "" : ` It printed:\n${lines.map((line) => `  | ${line.slice(0, 200)}`).join("\n")}`
}
const MAX_QUOTED_LINES = 5

/** Why the file cannot be read, or undefined. */
const unreadable = (file: string, name: string): string | undefined => {
  let stats: Stats
  try {
    stats = statSync(file)
    accessSync(file, constants.R_OK)
  } catch (error) {
    if (errorCode(error) !== "ENOENT") return `it cannot be read: ${errorCode(error)}.`
    const command = /^\w+$/.test(name) ? " Nor is it a command; see supervise --help." : ""
    return `there is no such file.${didYouMean(file, name) || command}`
  }
  if (stats.isDirectory()) return `it is a folder.${didYouMean(join(file, "tree.ts"), join(name, "tree.ts"))}`
  if (!stats.isFile()) return "it is not a file."
  const extension = extname(file)
  if (!extensions.includes(extension))
    return `its name ${extension === "" ? "has no extension" : `ends in ${extension}`}; a tree file ends in ${listed(extensions)}.`
  if (stats.size > MAX_FILE_BYTES) return `it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB.`
  return undefined
}

const errorCode = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : String(error))

/** Suggests a tree file in the same folder: this very file if it is there, otherwise one with a similar name. */
const didYouMean = (file: string, name: string): string => {
  try {
    const others = readdirSync(dirname(file)).filter((other) => extensions.includes(extname(other)))
    const similar = others.find((other) => other === basename(file)) ?? nearest(basename(file), others)
    if (similar === undefined || !existsSync(join(dirname(file), similar))) return "" // a link that leads nowhere
    return ` Did you mean ${join(dirname(name), similar)}?`
  } catch {
    return ""
  }
}
