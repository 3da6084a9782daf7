/**
 * The lines on which the nodes of a tree are written: where their constructors were called or, if that is not known,
 * where the text has their ids. A line that is not certain is left out: a wrong line is worse than none.
 */

import { readFileSync, statSync } from "node:fs"
import { idOf } from "../../core/Path.ts"
import type { NodeLocation } from "../../tree/SourceMap.ts"
import type { Child, Tree } from "../../tree/Spec.ts"
import type { CallSite } from "./Answer.ts"
import { type Literal, literalsIn } from "./literals.ts"

/** At most this many nodes get a line. */
const MAX_LOCATIONS = 10_000
/** Larger files are not searched; only the lines of constructor calls are known. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024

/** `file`: the absolute path of the tree file; `sites`: the known constructor calls, by path. */
export function locationsOf(
  tree: Tree,
  file: string,
  sites: { readonly [path: string]: CallSite } = {}
): ReadonlyMap<string, NodeLocation> {
  const texts = new Map<string, Text>()
  const textOf = (name: string): Text => {
    const known = texts.get(name) ?? readText(name)
    texts.set(name, known)
    return known
  }
  const locations = new Map<string, NodeLocation>()
  const visit = (node: Child, above: string): void => {
    if (locations.size >= MAX_LOCATIONS) return
    const path = `${above}/${node.id}`
    const site = Object.hasOwn(sites, path) ? sites[path] : undefined
    const location = site === undefined ? written(textOf(file), file, path) : called(textOf(site.file), site, path)
    if (location !== undefined) locations.set(path, location)
    if (node.type === "supervisor") for (const child of node.children) visit(child, path)
    if (node.type === "pool") visit(node.child, path)
  }
  visit(tree, "")
  return locations
}

/** The line of the call, and the lines of the keys of its argument if that is a literal. */
function called(text: Text, { file, line, column }: CallSite, path: string): NodeLocation {
  const given = text.argument(line, column)
  if (given !== undefined) return { file, line, keys: keysOf(given) }
  return written(text, file, path) ?? { file, line, keys: {} }
}

/** The only literal with this path of ids, or else the only one with this id. */
function written(text: Text, file: string, path: string): NodeLocation | undefined {
  const literal = text.byPath.get(path) ?? text.byId.get(idOf(path))
  return literal ? { file, line: literal.line, keys: keysOf(literal) } : undefined
}

const keysOf = ({ keys }: Literal): NodeLocation["keys"] => Object.fromEntries(keys)

interface Text {
  /** Null if there are several. */
  readonly byPath: ReadonlyMap<string, Literal | null>
  readonly byId: ReadonlyMap<string, Literal | null>
  /** The literal passed to the call at this position. */
  readonly argument: (line: number, column: number) => Literal | undefined
}

const NO_TEXT: Text = { byPath: new Map(), byId: new Map(), argument: () => undefined }

function readText(file: string): Text {
  try {
    return statSync(file).size > MAX_TEXT_BYTES ? NO_TEXT : textIn(readFileSync(file, "utf8"))
  } catch {
    return NO_TEXT // the file may have been deleted since; then its lines are simply not known
  }
}

function textIn(source: string): Text {
  const [byPath, byId, byOffset] = [new Map<string, Literal | null>(), new Map<string, Literal | null>(), new Map<number, Literal>()]
  const paths = new Map<Literal | undefined, string>()
  for (const literal of literalsIn(source)) {
    byOffset.set(literal.from, literal)
    const above = paths.get(literal.parent) ?? ""
    const { id } = literal
    paths.set(literal, id === undefined ? above : `${above}/${id}`)
    if (id === undefined) continue
    byId.set(id, byId.has(id) ? null : literal)
    const path = `${above}/${id}`
    byPath.set(path, byPath.has(path) ? null : literal)
  }
  const starts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)]
  const argument = (line: number, column: number): Literal | undefined => {
    const call = /[\p{L}\p{N}_$]+\s*\(\s*(?=\{)/uy
    call.lastIndex = starts[line - 1]! + column - 1
    return call.test(source) ? byOffset.get(call.lastIndex) : undefined
  }
  return { byPath, byId, argument }
}
