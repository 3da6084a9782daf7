/** Invariants of processes: one incarnation after the other, and one exit for each. */
import type { News } from "../../core/Action.ts"
import type { JournalEntry } from "../../core/Journal.ts"
import { eachSpawn } from "./each.ts"
import type { Invariant } from "./Invariant.ts"
import { specAt } from "./specAt.ts"

/** By path, the incarnation whose exit the core has not received yet. */
class Running {
  readonly incarnations = new Map<string, number>()

  /** Whether this entry is the exit of a running incarnation, which is then removed. */
  ends({ event }: JournalEntry): boolean {
    return event._tag === "Exited" && this.incarnations.get(event.path) === event.incarnation && this.incarnations.delete(event.path)
  }

  spawns({ actions }: JournalEntry): void {
    for (const action of actions) if (action._tag === "Spawn") this.incarnations.set(action.path, action.incarnation)
  }
}

export const neverTwice: Invariant = {
  name: "neverTwice",
  says: "no process is started at a path while another one runs there",
  watch: () => {
    const running = new Running()
    return {
      folded: (entry) => {
        running.ends(entry)
        for (const action of entry.actions)
          if (action._tag === "Spawn" && running.incarnations.has(action.path))
            return `${action.path}#${action.incarnation} is started while #${running.incarnations.get(action.path)} runs.`
        running.spawns(entry)
        return undefined
      }
    }
  }
}

export const numbersGrow: Invariant = {
  name: "numbersGrow",
  says: "each incarnation at a path has a higher number than the one before",
  watch: () => {
    const highest = new Map<string, number>()
    return eachSpawn(({ path, incarnation }) => {
      const before = highest.get(path) ?? 0
      if (incarnation <= before) return `${path}#${incarnation} comes after #${before}.`
      highest.set(path, incarnation)
      return undefined
    })
  }
}

const isEnd = ({ _tag }: News): boolean => _tag === "Exited" || _tag === "Stopped" || _tag === "StartFailed"

export const eachExitOnce: Invariant = {
  name: "eachExitOnce",
  says: "the exit of each process is reported once, when it happens",
  watch: (tree) => {
    const running = new Running()
    return {
      folded: (entry) => {
        const { event, actions } = entry
        const ended = running.ends(entry) && event._tag === "Exited" ? event.path : undefined
        running.spawns(entry)
        const reported = actions.flatMap((action) => (action._tag === "News" && isEnd(action.news) ? [action.news.path] : []))
        const workers = reported.filter((path) => specAt(tree, path)?.type === "worker")
        const wrong = workers.find((path) => path !== ended)
        if (wrong !== undefined) return `${wrong} is reported as exited, but it has not.`
        return ended === undefined || workers.length === 1 ? undefined : `the exit of ${ended} is reported ${workers.length} times.`
      }
    }
  }
}

export const noOrphans: Invariant = {
  name: "noOrphans",
  says: "nothing runs below a supervisor that has ended",
  watch: (tree) => {
    const running = new Running()
    return {
      folded: (entry) => {
        running.ends(entry)
        for (const action of entry.actions) {
          if (action._tag !== "News" || !(isEnd(action.news) || action.news._tag === "Ended")) continue
          const { path } = action.news
          if (specAt(tree, path)?.type === "worker") continue
          const orphan = [...running.incarnations.keys()].find((other) => other.startsWith(`${path}/`))
          if (orphan !== undefined) return `${path} has ended, but ${orphan} runs.`
        }
        running.spawns(entry)
        return undefined
      },
      stopped: (afterMs, left) =>
        left.length === 0 || !Number.isFinite(afterMs) ? undefined : `the tree has stopped, but ${left.join(", ")} still runs.`
    }
  }
}
