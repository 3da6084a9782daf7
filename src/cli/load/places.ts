/**
 * In which lines a tree stands: from where its constructors were called, if it is a program that calls them; otherwise from the text, by
 * the ids. What is not certain is left out: a wrong line is worse than none.
 */
import { idOf } from "../../core/Path.ts"
import type { NodeLocation } from "../../tree/SourceMap.ts"
import type { CallSite } from "./sites.ts"

/** So many nodes get their lines, the first ones. */
const MAX_PLACES = 10_000
/** In larger texts no lines are looked for; those of the calls are known all the same. */
export const MAX_TEXT = 1024 * 1024

/** An object literal of a text. */
export interface Literal {
  readonly line: number
  /** The literal around it, whatever stands between. */
  readonly parent: Literal | undefined
  /** Those written in it, not in what is inside it, with their lines. */
  readonly keys: Map<string, number>
  /** What is written at `id`, where that is a plain string. */
  readonly id?: string
}

/** Those of one text. */
export interface Literals {
  /** Each after the one around it. */
  readonly all: ReadonlyArray<Literal>
  /** What the call at this place is given first. */
  readonly argument: (line: number, column: number) => Literal | undefined
}

export const NO_LITERALS: Literals = { all: [], argument: () => undefined }

export type Places = { readonly [path: string]: NodeLocation }

/**
 * `file`: the tree file, absolute; `sites`: those calls that are known, by path; `literalsOf` reads a file, and never
 * fails.
 */
export function placesOf(
  tree: unknown,
  file: string,
  sites: { readonly [path: string]: CallSite },
  literalsOf: (file: string) => Literals
): Places {
  const texts = new Map<string, Text>()
  const textOf = (name: string): Text => {
    const known = texts.get(name) ?? byIds(literalsOf(name))
    texts.set(name, known)
    return known
  }
  const places: Record<string, NodeLocation> = {}
  let left = MAX_PLACES
  const visit = (node: unknown, above: string): void => {
    if (typeof node !== "object" || node === null || left-- <= 0) return
    const { id, children, child } = node as { readonly id?: unknown; readonly children?: unknown; readonly child?: unknown }
    const path = `${above}/${id}`
    const site = Object.hasOwn(sites, path) ? sites[path] : undefined
    const place = site === undefined ? written(textOf(file), file, path) : called(textOf(site.file), site, path)
    if (place !== undefined) places[path] = place
    if (Array.isArray(children)) for (const below of children) visit(below, path)
    if (child !== undefined) visit(child, path)
  }
  visit(tree, "")
  return places
}

/** The line of the call; and of what it is given, if that is written there, the lines of its keys. */
function called(text: Text, { file, line, column }: CallSite, path: string): NodeLocation {
  const given = text.argument(line, column)
  if (given !== undefined) return { file, line, keys: keysOf(given) }
  return written(text, file, path) ?? { file, line, keys: {} }
}

/** The only literal there with these ids around it; or at least with this id. */
function written(text: Text, file: string, path: string): NodeLocation | undefined {
  const literal = text.byPath.get(path) ?? text.byId.get(idOf(path))
  return literal ? { file, line: literal.line, keys: keysOf(literal) } : undefined
}

const keysOf = ({ keys }: Literal): NodeLocation["keys"] => Object.fromEntries(keys)

interface Text extends Pick<Literals, "argument"> {
  /** Null where there are several. */
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
