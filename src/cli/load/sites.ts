/**
 * Notes where a tree file constructs its nodes. The constructors themselves return plain data and know nothing of this:
 * only in the process that evaluates a tree file are they wrapped.
 */
import { fileURLToPath } from "node:url"

/** Where a constructor was called: the absolute path of the file, line and column from 1. */
export interface CallSite {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** At most this many nodes are noted; the others have no line. */
const MAX_SITES = 10_000
/** A constructor may be called by library code, such as `map`; this many frames are searched for a file. */
const MAX_FRAMES = 10

const noted = new WeakMap<object, CallSite>()
let count = 0

/** Wraps a constructor, keeping its name. */
export function noting<Spec, Made extends object>(construct: (spec: Spec) => Made): (spec: Spec) => Made {
  const made = (spec: Spec): Made => {
    const node = construct(spec)
    const site = count < MAX_SITES ? callSite(made) : undefined
    if (site !== undefined) {
      noted.set(node, site)
      count++
    }
    return node
  }
  return Object.defineProperty(made, "name", { value: construct.name })
}

/** The call sites of the nodes of a tree, by path; of a pool's template, under its id. */
export function sitesOf(root: unknown): { readonly [path: string]: CallSite } {
  const sites: Record<string, CallSite> = {}
  let left = MAX_SITES
  const visit = (node: unknown, above: string): void => {
    if (typeof node !== "object" || node === null || left-- <= 0) return
    const { id, children, child } = node as { readonly id?: unknown; readonly children?: unknown; readonly child?: unknown }
    const path = `${above}/${id}`
    const site = noted.get(node)
    if (site !== undefined) sites[path] = site
    if (Array.isArray(children)) for (const below of children) visit(below, path)
    if (child !== undefined) visit(child, path)
  }
  visit(root, "")
  return sites
}

/** Where this function was called; undefined if not from a file. */
function callSite(called: (...args: never) => unknown): CallSite | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error
  const trace: { stack?: unknown } = {}
  try {
    Error.prepareStackTrace = (_, frames) => frames
    Error.stackTraceLimit = MAX_FRAMES
    Error.captureStackTrace(trace, called)
    for (const frame of trace.stack as ReadonlyArray<NodeJS.CallSite>) {
      const [name, line, column] = [frame.getFileName(), frame.getLineNumber(), frame.getColumnNumber()]
      if (name === null || line === null || column === null) continue
      if (name.startsWith("file:")) return { file: fileURLToPath(name), line, column }
      if (name.startsWith("/")) return { file: name, line, column }
    }
    return undefined
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit })
  }
}
