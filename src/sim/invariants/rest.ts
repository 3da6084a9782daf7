/** Invariants of backoff, of recovery, and of shutdown. */
import { delayMs } from "../../core/pacing/Backoff.ts"
import type { NodeSnapshot } from "../../core/Snapshot.ts"
import { sayDuration } from "../../tree/duration.ts"
import type { Backoff } from "../../tree/Pacing.ts"
import { shutdownBudgetMs } from "../lint/stopping.ts"
import { eachNews } from "./each.ts"
import type { Invariant } from "./Invariant.ts"
import { specAt } from "./specAt.ts"

export const backoffInBounds: Invariant = {
  name: "backoffInBounds",
  says: "each delay is within the bounds of its backoff, and is waited out unless it is cancelled",
  watch: (tree) => {
    const notBefore = new Map<string, number>()
    return eachNews((news, { at }) => {
      if (news._tag === "WaitCancelled" || news._tag === "Pending") notBefore.delete(news.path)
      if (news._tag === "Backoff") {
        const [most, least] = boundsOf(specAt(tree, news.path)!.backoff, news.attempt)
        if (news.delayMs < least || news.delayMs > most)
          return `${news.path} waits for ${sayDuration(news.delayMs)}, but its backoff allows ${sayDuration(least)} to ${sayDuration(most)}.`
        notBefore.set(news.path, at + news.delayMs)
      }
      if (news._tag !== "Starting") return undefined
      const early = (notBefore.get(news.path) ?? at) - at
      notBefore.delete(news.path)
      return early > 0 ? `${news.path} starts ${sayDuration(early)} before its backoff is over.` : undefined
    })
  }
}

const boundsOf = (backoff: Backoff, attempt: number): readonly [most: number, least: number] =>
  backoff.type === "adaptive" ? [backoff.max, backoff.min] : [delayMs(backoff, attempt, 0), delayMs(backoff, attempt, 1)]

export const eventuallyUp: Invariant = {
  name: "eventuallyUp",
  says: "once nothing fails any more, everything permanent is up, and the rest is up or down",
  watch: (tree) => {
    /** A worker with shutdown "infinity" may take forever to stop, and anything that waits for it waits as long. */
    const stopsForEver = ({ path, type, phase, children = [] }: NodeSnapshot): boolean =>
      (type === "worker" && phase === "stopping" && specAt(tree, path)?.shutdown === "infinity") || children.some(stopsForEver)
    const wrong = (node: NodeSnapshot, left: ReadonlyArray<string>): string | undefined => {
      const { path, phase, hold } = node
      // A failed child is tried again, at the latest after an hour; and what waits for it comes up then.
      if (phase === "failed" || node.pendingOn?._tag === "Need") return undefined
      if (phase !== "up" && phase !== "down") return `${path} is ${phase} forever.`
      const spec = specAt(tree, path)
      if (phase === "down" && !hold && spec?.restart === "permanent") return `${path} is down forever.`
      if (node.type === "worker" && phase === "up" && !left.includes(path)) return `${path} is reported as up, but no process runs there.`
      for (const child of node.children ?? []) {
        const found = wrong(child, left)
        if (found !== undefined) return found
      }
      return undefined
    }
    return { settled: (root, left) => (stopsForEver(root) ? undefined : wrong(root, left)) }
  }
}

export const shutdownBounded: Invariant = {
  name: "shutdownBounded",
  says: "a tree that is told to stop has stopped when the time of each of its children has passed, in order",
  watch: (tree) => {
    const budget = shutdownBudgetMs(tree)
    return {
      stopped: (afterMs) =>
        afterMs <= budget ? undefined : `the tree has not stopped after ${sayDuration(budget)}, which is what its children have in all.`
    }
  }
}
