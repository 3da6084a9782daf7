/**
 * Where in a program its nodes are made. The constructors themselves give plain data and know nothing of this: here, in the process that
 * evaluates a tree file and nowhere else, those that the file imports note from where they were called.
 */
import { fileURLToPath } from "node:url"

/** Where a constructor was called: the file, absolute, and the place in it, both counted from 1. */
export interface CallSite {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** So many nodes are noted; the others have no line. */
const MAX_SITES = 10_000
/** A constructor may be called by others, as by `map`: so far up is looked for a line of a file. */
const MAX_FRAMES = 10

const noted = new WeakMap<object, CallSite>()
let count = 0

/** The same constructor, by the same name. */
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

/** Of the nodes of a tree that are plain data, by path; of what each instance of a pool is, under its id. */
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

/** Who called this function; undefined where no file did. */
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
