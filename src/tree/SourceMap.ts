/**
 * Where a tree comes from: what its author wrote, and in which lines of which files. It is for whoever asks why something was done; what is
 * done does not depend on it.
 */
import { isRecord } from "./problems/problem.ts"
import type { Child, Tree } from "./Spec.ts"

/** A line of a file, counted from 1. */
export interface SourceLocation {
  /** Absolute. */
  readonly file: string
  readonly line: number
}

/** Where a node begins; and of the settings in its own text, not in that of its children, the lines. */
export interface NodeLocation extends SourceLocation {
  readonly keys: { readonly [key: string]: number }
}

export interface SourceMap {
  /** As it was written, without the defaults. */
  readonly spec: unknown
  /** By path. What each instance of a pool is stands under the id that it has there: `/shop/jobs/job`. */
  readonly places: ReadonlyMap<string, NodeLocation>
}

/** What the tree says of a path. */
interface Source {
  readonly node: Child
  /** As its author wrote it; undefined where that is not known. */
  readonly written: Record<PropertyKey, unknown> | undefined
  readonly place: NodeLocation | undefined
  /** Of a pool, or below one: that there is such a number is for the pool to say. */
  readonly ofPool: boolean
}

/** What the tree said when it was started; undefined when there was no such path in it. */
export function sourceOf(tree: Tree, origin: SourceMap | undefined, path: string): Source | undefined {
  const [root, ...ids] = path.slice(1).split("/")
  if (root !== tree.id) return undefined
  let node: Child = tree
  let written: unknown = origin?.spec
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
  return { node, written: isRecord(written) ? written : undefined, place: origin?.places.get(name), ofPool }
}
