/** Invariants of order: siblings start first to last, and stop last to first. */
import { childOf, parentOf } from "../../core/Path.ts"
import type { Tree } from "../../tree/Spec.ts"
import { eachNews } from "./each.ts"
import type { Invariant } from "./Invariant.ts"
import { specAt } from "./specAt.ts"

/** The paths of a supervisor's children, in order. Empty for a pool, whose instances have no order. */
function siblings(tree: Tree, parent: string): ReadonlyArray<string> {
  const spec = specAt(tree, parent)
  return spec?.type === "supervisor" ? spec.children.map(({ id }) => `${parent}/${id}`) : []
}

/** The siblings that have to be ready before it at boot. */
function before(tree: Tree, path: string): ReadonlyArray<string> {
  const [parent, all] = [specAt(tree, parentOf(path)), siblings(tree, parentOf(path))]
  if (parent?.type !== "supervisor" || parent.bootConcurrency === 1) return all.slice(0, all.indexOf(path))
  return (specAt(tree, path)?.needs ?? []).map((id) => childOf(parentOf(path), id))
}

export const startsInOrder: Invariant = {
  name: "startsInOrder",
  says: "while a supervisor boots, no child is started before each one above it in the list (with bootConcurrency: that it needs) has been ready",
  watch: (tree) => {
    const booting = new Map<string, Set<string>>()
    return eachNews((news) => {
      const { path } = news
      const above = booting.get(parentOf(path))
      if (news._tag === "Starting") {
        const early = above === undefined ? undefined : before(tree, path).find((sibling) => !above.has(sibling))
        if (early !== undefined) return `${path} is started before ${early} is ready.`
        const spec = specAt(tree, path)
        if (spec?.type === "supervisor" && spec.boot === "strict") booting.set(path, new Set())
      }
      if (news._tag === "Started" || news._tag === "Ending") booting.delete(path)
      if (news._tag === "Started" || news._tag === "Removed") above?.add(path) // nothing waits for a removed child
      return undefined
    })
  }
}

export const stopsInReverse: Invariant = {
  name: "stopsInReverse",
  says: "while a supervisor ends, no child is stopped before each one below it in the list has ended",
  watch: (tree) => {
    const alive = new Set<string>()
    const ending = new Set<string>()
    return eachNews((news) => {
      const { path } = news
      switch (news._tag) {
        case "Starting":
          alive.add(path)
          ending.delete(path)
          return undefined
        case "Ending":
          if (news.exit._tag !== "Killed") ending.add(path)
          return undefined
        case "Exited":
        case "Stopped":
        case "StartFailed":
          alive.delete(path)
          return undefined
        case "Stopping": {
          if (!ending.has(parentOf(path)) || news.how === "brutalKill") return undefined
          const all = siblings(tree, parentOf(path))
          const later = all.slice(all.indexOf(path) + 1).find((sibling) => alive.has(sibling))
          return later === undefined ? undefined : `${path} is stopped before ${later} has ended.`
        }
        default:
          return undefined
      }
    })
  }
}
