/**
 * Patterns of paths: `"/shop/db"`, or without the root `"db"`. `*` matches any part of one id. A match includes
 * everything below.
 */
import { nearestPath } from "../tree/problems/nearest.ts"
import type { Child, Tree } from "../tree/Spec.ts"
import { BadRehearsal } from "./BadRehearsal.ts"

/** Returns a test for paths. Throws `BadRehearsal` when the pattern can match no node of the tree. */
export function pathPattern(tree: Tree, text: string): (path: string) => boolean {
  const segments = segmentsOf(tree, text)
  if (!leads(tree, tree.id, segments)) throw unknown(tree, segments, text)
  const patterns = segments.map(patternOf)
  return (path) => {
    const ids = path.slice(1).split("/")
    return ids.length >= patterns.length && patterns.every((pattern, n) => pattern.test(ids[n]!))
  }
}

const segmentsOf = (tree: Tree, text: string): ReadonlyArray<string> =>
  text.startsWith("/") ? text.slice(1).split("/") : text === tree.id ? [text] : [tree.id, ...text.split("/")]

const patternOf = (segment: string): RegExp => new RegExp(`^${segment.split("*").map(literally).join(".*")}$`)
const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** Whether the segments match this node or a node below it. */
function leads(node: Child, id: string, [first, ...rest]: ReadonlyArray<string>): boolean {
  if (first === undefined || !patternOf(first).test(id)) return false
  if (rest.length === 0) return true
  if (node.type === "supervisor") return node.children.some((child) => leads(child, child.id, rest))
  if (node.type === "worker") return false
  const number = rest[0]!.replaceAll("*", "1")
  return /^[1-9]\d*$/.test(number) && leads(node.child, number, rest)
}

function unknown(tree: Tree, segments: ReadonlyArray<string>, text: string): BadRehearsal {
  const paths: Array<string> = []
  const visit = (node: Child, path: string): void => {
    paths.push(path)
    if (node.type === "pool") visit(node.child, `${path}/*`)
    if (node.type === "supervisor") for (const child of node.children) visit(child, `${path}/${child.id}`)
  }
  visit(tree, `/${tree.id}`)
  const nearest = nearestPath(`/${segments.join("/")}`, paths)
  const suggestion = nearest === undefined ? `It has ${some(paths)}.` : `Did you mean ${nearest}?`
  return new BadRehearsal({ because: `There is no ${text} in the tree ${tree.id}. ${suggestion}` })
}

const some = (paths: ReadonlyArray<string>): string =>
  paths.length > 8 ? `${paths.slice(0, 8).join(", ")} and ${paths.length - 8} more` : paths.join(", ")
