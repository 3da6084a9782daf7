/**
 * In which lines a tree stands: from where its constructors were called, if it is a program that calls them; otherwise from the text, by
 * the ids. What is not certain is left out: a wrong line is worse than none.
 */
import { readFileSync, statSync } from "node:fs"
import type { NodeLocation } from "../../tree/SourceMap.ts"
import type { Child, Tree } from "../../tree/Spec.ts"
import type { CallSite } from "./Answer.ts"
import { type Literal, literalsIn } from "./literals.ts"

/** So many nodes get their lines, the first ones. */
const MAX_PLACES = 10_000
/** In larger files no lines are looked for, but those of the calls are known. */
const MAX_TEXT = 4 * 1024 * 1024

/** `file`: the tree file, absolute; `sites`: those calls that are known, by path. */
export function placesOf(tree: Tree, file: string, sites: { readonly [path: string]: CallSite } = {}): ReadonlyMap<string, NodeLocation> {
  const texts = new Map<string, Text>()
  const textOf = (name: string): Text => {
    const known = texts.get(name) ?? readText(name)
    texts.set(name, known)
    return known
  }
  const places = new Map<string, NodeLocation>()
  const visit = (node: Child, above: string): void => {
    if (places.size >= MAX_PLACES) return
    const path = `${above}/${node.id}`
    const site = Object.hasOwn(sites, path) ? sites[path] : undefined
    const place = site === undefined ? written(textOf(file), file, path) : called(textOf(site.file), site, path)
    if (place !== undefined) places.set(path, place)
    if (node.type === "supervisor") for (const child of node.children) visit(child, path)
    if (node.type === "pool") visit(node.child, path)
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
  const literal = text.byPath.get(path) ?? text.byId.get(path.slice(path.lastIndexOf("/") + 1))
  return literal ? { file, line: literal.line, keys: keysOf(literal) } : undefined
}

const keysOf = ({ keys }: Literal): NodeLocation["keys"] => Object.fromEntries(keys)

interface Text {
  /** Null where there are several. */
  readonly byPath: ReadonlyMap<string, Literal | null>
  readonly byId: ReadonlyMap<string, Literal | null>
  /** What the call at this place is given. */
  readonly argument: (line: number, column: number) => Literal | undefined
}

const NO_TEXT: Text = { byPath: new Map(), byId: new Map(), argument: () => undefined }

function readText(file: string): Text {
  try {
    return statSync(file).size > MAX_TEXT ? NO_TEXT : look(readFileSync(file, "utf8"))
  } catch {
    return NO_TEXT // it was there a moment ago; and there is no harm in not knowing
  }
}

function look(source: string): Text {
  const [byPath, byId, byPlace] = [new Map<string, Literal | null>(), new Map<string, Literal | null>(), new Map<number, Literal>()]
  const paths = new Map<Literal | undefined, string>()
  for (const literal of literalsIn(source)) {
    byPlace.set(literal.from, literal)
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
    return call.test(source) ? byPlace.get(call.lastIndex) : undefined
  }
  return { byPath, byId, argument }
}
