/**
 * Patterns of paths. A pattern names a node as on the command line: `"/shop/db"`, `"db"`, or any end of a path that no
 * other has. `*` matches any part of one id. A match includes everything below.
 */
import { fullPath, pathsNamed } from "../core/Name.ts"
import { sayAmbiguous, some } from "../core/Sentence.ts"
import { pathsOf } from "../tree/paths.ts"
import { nearestPath } from "../tree/problems/nearest.ts"
import type { Tree } from "../tree/Spec.ts"
import { BadRehearsal } from "./BadRehearsal.ts"

/** Returns a test for paths. Throws `BadRehearsal` when the pattern can match no node of the tree, or several ends. */
export function pathPattern(tree: Tree, text: string): (path: string) => boolean {
  const patterns = fullPattern(tree, text).slice(1).split("/").map(patternOf)
  return (path) => {
    const ids = path.slice(1).split("/")
    return ids.length >= patterns.length && patterns.every((pattern, n) => pattern.test(ids[n]!))
  }
}

/** The pattern from the root on: `/shop/jobs/2` for `jobs/2`. */
export function fullPattern(tree: Tree, text: string): string {
  const paths = pathsOf(tree)
  const [full, ...others] = pathsNamed(text, paths, stands)
  if (full === undefined) throw unknown(tree, paths, text)
  if (others.length > 0) throw new BadRehearsal({ because: sayAmbiguous(text, [full, ...others]) })
  return full
}

/** Instances of a pool have numbers. */
const stands = (part: string, id: string): boolean => (id === "*" ? /^[1-9]\d*$/.test(part.replaceAll("*", "1")) : patternOf(part).test(id))

const patternOf = (segment: string): RegExp => new RegExp(`^${segment.split("*").map(literally).join(".*")}$`)
const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

function unknown(tree: Tree, paths: ReadonlyArray<string>, text: string): BadRehearsal {
  const nearest = nearestPath(fullPath(`/${tree.id}`, text), paths)
  const suggestion = nearest === undefined ? `It has ${some(paths, " and ")}.` : `Did you mean ${nearest}?`
  return new BadRehearsal({ because: `There is no ${text} in the tree ${tree.id}. ${suggestion}` })
}
