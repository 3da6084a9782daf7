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
