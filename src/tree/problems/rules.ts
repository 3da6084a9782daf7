/**
 * Rules that involve several fields or nodes. They examine the input, not the decoded tree, and each only what is well
 * formed: so they also apply next to a schema error.
 */
import { LOGS } from "../defaults.ts"
import { restarts } from "../schema/fields.ts"
import { DEFAULT_MAX } from "../schema/Schema.ts"
import { parseSize, printSize } from "../size.ts"
import { needs, pacing } from "./pacingRules.ts"
import { brokenProbes } from "./probeRules.ts"
import { at, isRecord, type Keys, type Located, shown } from "./problem.ts"

/** Deeper trees are surely a mistake, and every level makes each path longer. */
const MAX_DEPTH = 32
/** The most nodes in one tree file. */
const MAX_CHILDREN = 100_000

/** Where a node is: below what kind of node, and whether that one reacts to significant children. */
export interface Within {
  readonly kind: "root" | "supervisor" | "pool"
  readonly autoShutdown?: unknown
  /** The path of its supervisor, for a child that is added to a running tree. */
  readonly path?: string
}

type Node = Record<PropertyKey, unknown>
type Report = (key: string, expected: string, suggestion?: string) => void

/** Each node with its place, parents first. Stops below `MAX_DEPTH`, and after `MAX_CHILDREN` nodes. */
function* nodes(input: unknown, within: Within): Generator<{ node: Node; keys: Keys; within: Within; depth: number }> {
  const open: Array<{ value: unknown; keys: Keys; within: Within; depth: number }> = [
    { value: input, keys: [], within, depth: levelOf(within) }
  ]
  for (let seen = 0; seen <= MAX_CHILDREN && open.length > 0; seen++) {
    const { value, ...position } = open.pop()!
    if (!isRecord(value)) continue
    yield { node: value, ...position }
    if (position.depth > MAX_DEPTH) continue
    const { children, child } = value
    const below = (inner: unknown, key: Keys, kind: "supervisor" | "pool") =>
      open.push({
        value: inner,
        keys: [...position.keys, ...key],
        within: { kind, autoShutdown: value.autoShutdown },
        depth: position.depth + 1
      })
    if (Array.isArray(children)) for (const [index, inner] of children.entries()) below(inner, ["children", index], "supervisor")
    if (child !== undefined) below(child, ["child"], "pool")
  }
}

const levelOf = ({ path = "" }: Within): number => path.split("/").length

/** A tree that is too large or too deep to be examined any further. */
export const limits = (input: unknown, within: Within): ReadonlyArray<Located> => {
  let count = 0
  for (const { keys, depth } of nodes(input, within)) {
    if (depth > MAX_DEPTH) return [{ keys, found: `level ${depth}`, expected: `at most ${MAX_DEPTH} levels` }]
    if (++count > MAX_CHILDREN)
      return [{ keys: [], found: `more than ${MAX_CHILDREN} children`, expected: `at most ${MAX_CHILDREN} in a tree` }]
  }
  return []
}

/** Everything that breaks a rule. */
export const broken = (input: unknown, within: Within): ReadonlyArray<Located> => {
  const problems: Array<Located> = []
  for (const { node, keys, within: parent } of nodes(input, within)) {
    const report = (key: string, expected: string, suggestion?: string) =>
      problems.push({ keys: [...keys, key], found: shown(at(node, [key])), expected, ...(suggestion === undefined ? {} : { suggestion }) })
    if (parent.kind === "root" && node.type === "worker") problems.push(workerAsRoot(node))
    else significant(node, parent, report)
    readiness(node, report)
    pacing(node, parent.kind, report)
    if (isRecord(node.logs)) problems.push(...logTotal(node.logs, keys))
    problems.push(...brokenProbes(node, keys))
    if (typeof node.size === "number" && node.size > maxOf(node)) report("size", `at most its max, ${maxOf(node)}`)
    if (Array.isArray(node.children)) problems.push(...duplicates(node.children, keys), ...needs(node, node.children, keys))
  }
  return problems
}

const workerAsRoot = (node: Node): Located => ({
  keys: [],
  found: "a worker",
  expected: "a supervisor or a pool as the root",
  suggestion: `supervisor({ id: "main", children: [worker({ id: ${shown(node.id ?? "web")}, ... })] })`
})

/** OTP refuses combinations that can never have an effect (bad_combination), and so do we. */
const significant = (node: Node, within: Within, report: Report) => {
  if (node.significant !== true) return
  if (within.kind === "root") return report("significant", "false: the root has no supervisor to shut down")
  if (within.kind === "pool") return report("significant", "false: the instances of a pool cannot be significant")
  if (restartOf(node) === "permanent") {
    report("significant", 'false, unless restart is "transient" or "temporary": a permanent child never ends for good')
  }
  if (within.autoShutdown === undefined || within.autoShutdown === "never") {
    report("significant", 'false, unless autoShutdown of its supervisor is "anySignificant" or "allSignificant"')
  }
}

const readiness = (node: Node, report: Report) => {
  if (node.ready === "exited" && restartOf(node) === "permanent") {
    report("ready", 'another readiness, unless restart is "transient" or "temporary": a permanent worker is restarted when it has exited')
  }
}

/** One file must fit. */
const logTotal = ({ size, total }: Node, keys: Keys): ReadonlyArray<Located> => {
  const bytes = size === undefined ? LOGS.size : parseSize(String(size))
  const most = parseSize(String(total))
  if (bytes === undefined || most === undefined || most >= bytes) return []
  return [{ keys: [...keys, "logs", "total"], found: shown(total), expected: `a size not smaller than its size, "${printSize(bytes)}"` }]
}

const duplicates = (children: ReadonlyArray<unknown>, keys: Keys): ReadonlyArray<Located> => {
  const first = new Map<string, number>()
  return children.flatMap((child, index) => {
    const id = at(child, ["id"])
    if (typeof id !== "string") return []
    const other = first.get(id)
    if (other === undefined) first.set(id, index)
    if (other === undefined) return []
    return [{ keys: [...keys, "children", index, "id"], found: shown(id), expected: `a unique id: children[${other}] has the same` }]
  })
}

/** The restart type, with the default filled in; undefined if it is none. */
const restartOf = (node: Node): string | undefined => {
  const restart = node.restart ?? "permanent"
  return restarts.find((word) => word === restart)
}

const maxOf = ({ max = DEFAULT_MAX }: Node): number => (typeof max === "number" ? max : Number.POSITIVE_INFINITY)
