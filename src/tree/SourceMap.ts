/**
 * Where a tree comes from: what its author wrote, and in which lines of which files. Used to explain decisions, never
 * to make them.
 */
import { isRecord } from "./problems/problem.ts"
import type { Child, Tree } from "./Spec.ts"

/** A line of a file, counted from 1. */
export interface SourceLocation {
  /** Absolute. */
  readonly file: string
  readonly line: number
}

/** Where a node begins, and the lines of the settings in its own text, not in that of its children. */
export interface NodeLocation extends SourceLocation {
  readonly keys: { readonly [key: string]: number }
}

export interface SourceMap {
  /** The tree as it was written, without defaults. */
  readonly spec: unknown
  /** Locations by path. The template of a pool is under the id that it has there: `/shop/jobs/job`. */
  readonly places: ReadonlyMap<string, NodeLocation>
}

/** What the tree says about a path. */
interface Source {
  readonly node: Child
  /** As its author wrote it; undefined if unknown. */
  readonly written: Record<PropertyKey, unknown> | undefined
  readonly place: NodeLocation | undefined
  /** It is an instance of a pool, or below one. Whether that number exists, only the pool knows. */
  readonly ofPool: boolean
}

/** What the tree said when it was started; undefined if it had no such path. */
export function sourceOf(tree: Tree, source: SourceMap | undefined, path: string): Source | undefined {
  const [root, ...ids] = path.slice(1).split("/")
  if (root !== tree.id) return undefined
  let node: Child = tree
  let written: unknown = source?.spec
  let name = `/${tree.id}`
  let ofPool = false
  for (const id of ids) {
    if (node.type === "worker") return undefined
    const n: number = node.type === "pool" ? -1 : node.children.findIndex((child) => child.id === id)
    const next: Child | undefined = node.type === "pool" ? node.child : node.children[n]
    if (next === undefined) return undefined
    written = isRecord(written) ? (n < 0 ? written.child : (written.children as ReadonlyArray<unknown>)[n]) : undefined
    ofPool ||= n < 0
    node = next
    name += `/${node.id}`
  }
  return { node, written: isRecord(written) ? written : undefined, place: source?.places.get(name), ofPool }
}
