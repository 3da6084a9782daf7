/**
 * The lines on which the nodes of a tree are written: where their constructors were called or, if that is not known,
 * where the text has their ids. A line that is not certain is left out: a wrong line is worse than none.
 */
import { idOf } from "../../core/Path.ts"
import type { NodeLocation } from "../../tree/SourceMap.ts"
import type { CallSite } from "./sites.ts"

/** At most this many nodes get a line. */
const MAX_LOCATIONS = 10_000
/** Larger texts are not searched; only the lines of constructor calls are known. */
export const MAX_TEXT_CHARS = 1024 * 1024

/** An object literal of a text. */
export interface Literal {
  readonly line: number
  /** The nearest literal around it. */
  readonly parent: Literal | undefined
  /** The keys written directly in it, with their lines. */
  readonly keys: Map<string, number>
  /** The value of `id`, if it is a plain string. */
  readonly id?: string
}

/** The literals of one text. */
export interface Literals {
  /** Each after the one around it. */
  readonly all: ReadonlyArray<Literal>
  /** The literal that is the first argument of the call at this position. */
  readonly argument: (line: number, column: number) => Literal | undefined
}

export const NO_LITERALS: Literals = { all: [], argument: () => undefined }

export type Locations = { readonly [path: string]: NodeLocation }

/**
 * `file`: the absolute path of the tree file; `sites`: the known constructor calls, by path; `literalsOf` reads a file,
 * and never fails.
 */
export function locationsOf(
  tree: unknown,
  file: string,
  sites: { readonly [path: string]: CallSite },
  literalsOf: (file: string) => Literals
): Locations {
  const texts = new Map<string, Text>()
  const textOf = (name: string): Text => {
    const known = texts.get(name) ?? byIds(literalsOf(name))
    texts.set(name, known)
    return known
  }
  const locations: Record<string, NodeLocation> = {}
  let remaining = MAX_LOCATIONS
  const visit = (node: unknown, above: string): void => {
    if (typeof node !== "object" || node === null || remaining-- <= 0) return
    const { id, children, child } = node as { readonly id?: unknown; readonly children?: unknown; readonly child?: unknown }
    const path = `${above}/${id}`
    const site = Object.hasOwn(sites, path) ? sites[path] : undefined
    const location = site === undefined ? written(textOf(file), file, path) : called(textOf(site.file), site, path)
    if (location !== undefined) locations[path] = location
    if (Array.isArray(children)) for (const below of children) visit(below, path)
    if (child !== undefined) visit(child, path)
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

interface Text extends Pick<Literals, "argument"> {
  /** Null if there are several. */
  readonly byPath: ReadonlyMap<string, Literal | null>
  readonly byId: ReadonlyMap<string, Literal | null>
}

function byIds({ all, argument }: Literals): Text {
  const [byPath, byId] = [new Map<string, Literal | null>(), new Map<string, Literal | null>()]
  const paths = new Map<Literal | undefined, string>()
  for (const literal of all) {
    const above = paths.get(literal.parent) ?? ""
    const { id } = literal
    paths.set(literal, id === undefined ? above : `${above}/${id}`)
    if (id === undefined) continue
    byId.set(id, byId.has(id) ? null : literal)
    const path = `${above}/${id}`
    byPath.set(path, byPath.has(path) ? null : literal)
  }
  return { byPath, byId, argument }
}
