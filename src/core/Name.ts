/**
 * How people name nodes: by a path (`/shop/front/web`), by a path without its root (`front/web`), or by any end of one
 * that no other path has (`web`). The root's id alone is the root.
 */
import { nearestPath } from "../tree/problems/nearest.ts"
import type { Refusal } from "./Event.ts"
import { isWithin } from "./Path.ts"

/** The path that a name stands for, or would stand for if there were such a node. `paths`: of all, the root first. */
export function pathNamed(name: string, paths: ReadonlyArray<string>): string | Refusal {
  if (name.startsWith("/")) return fullPath("", name)
  const [path, ...others] = pathsNamed(name, paths)
  if (path === undefined) return fullPath(paths[0] ?? "", name)
  return others.length === 0 ? path : { _tag: "Ambiguous", path: name, candidates: [path, ...others] }
}

/** There is no such path, but perhaps one that was meant. */
export function notFound(path: string, paths: ReadonlyArray<string>): Refusal {
  const nearest = nearestPath(path, paths)
  return { _tag: "NotFound", path, ...(nearest === undefined ? {} : { nearest }) }
}

/** The path that a name would have if it were a path, with or without its root. */
export const fullPath = (root: string, name: string): string => {
  if (name === "" || name === "/") return name
  if (name.startsWith("/")) return name.replace(/\/$/, "")
  return isWithin(`/${name}`, root) ? `/${name}` : `${root}/${name}`
}

/**
 * All paths that a name may stand for: one if it is clear, none if there is no such node. `same`: whether a part of a
 * name stands for a part of a path.
 */
export function pathsNamed(
  name: string,
  paths: ReadonlyArray<string>,
  same = (part: string, id: string): boolean => part === id
): ReadonlyArray<string> {
  const [root = ""] = paths
  const parts = partsOf(name)
  const end = `/${parts.join("/")}`
  if (end === root) return [root]
  const isWhole = name.startsWith("/")
  const above = new Set(paths.flatMap((path) => aboveEnd(partsOf(path), parts, same) ?? []).filter((one) => !isWhole || one === ""))
  const clear = [root, ""].find((one) => above.has(one))
  return (clear === undefined ? [...above] : [clear]).map((one) => one + end)
}

const partsOf = (path: string): ReadonlyArray<string> => path.replace(/^\/|(?<=.)\/$/g, "").split("/")

/** What is left of a path without these parts at its end; undefined if it ends differently. */
function aboveEnd(
  ids: ReadonlyArray<string>,
  parts: ReadonlyArray<string>,
  same: (part: string, id: string) => boolean
): string | undefined {
  const left = ids.length - parts.length
  if (left < 0 || !parts.every((part, n) => same(part, ids[left + n]!))) return undefined
  return ids
    .slice(0, left)
    .map((id) => `/${id}`)
    .join("")
}

/**
 * The shortest end by which each of these paths is known, such as `web`, or `jobs/3` of any instance of a pool; other
 * paths in full. An end does not begin with a number.
 */
export function shortNames(paths: Iterable<string>): (path: string) => string {
  const known = new Set(Array.from(paths, templateOf))
  const count = new Map<string, number>()
  for (const path of known) for (const end of endsOf(path)) count.set(end, (count.get(end) ?? 0) + 1)
  const isClear = (end: string): boolean => count.get(end) === 1 && !end.startsWith("*")
  const lengths = new Map(Array.from(known, (path) => [path, endsOf(path).findIndex(isClear) + 1]))
  return (path) => {
    const length = lengths.get(templateOf(path))
    return length === undefined ? path : partsOf(path).slice(-length).join("/")
  }
}

/** The same for all instances of a pool: only they have numbers. */
const templateOf = (path: string): string => path.replace(/\/\d+(?=\/|$)/g, "/*")

/** The shortest first. */
const endsOf = (path: string): ReadonlyArray<string> => partsOf(path).map((_, n, parts) => parts.slice(-1 - n).join("/"))
