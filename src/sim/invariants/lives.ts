/** Of processes: one life after the other, and each with one end. */
import type { News } from "../../core/Action.ts"
import type { JournalEntry } from "../../core/Journal.ts"
import type { Invariant } from "./Invariant.ts"
import { specAt } from "./specAt.ts"

/** By path, the incarnation whose end the core has not heard of yet. */
class Alive {
  readonly lives = new Map<string, number>()

  /** The life that ends with this event. */
  ends({ event }: JournalEntry): boolean {
    return event._tag === "Exited" && this.lives.get(event.path) === event.incarnation && this.lives.delete(event.path)
  }

  spawns({ actions }: JournalEntry): void {
    for (const action of actions) if (action._tag === "Spawn") this.lives.set(action.path, action.incarnation)
  }
}

export const neverTwice: Invariant = {
  name: "neverTwice",
  says: "no process is started at a path while another one runs there",
  watch: () => {
    const alive = new Alive()
    return {
      folded: (moment) => {
        alive.ends(moment)
        for (const action of moment.actions)
          if (action._tag === "Spawn" && alive.lives.has(action.path))
            return `${action.path}#${action.incarnation} is started while #${alive.lives.get(action.path)} runs.`
        alive.spawns(moment)
        return undefined
      }
    }
  }
}

export const numbersGrow: Invariant = {
  name: "numbersGrow",
  says: "each life at a path has a higher number than the one before it",
  watch: () => {
    const highest = new Map<string, number>()
    return {
      folded: ({ actions }) => {
        for (const action of actions) {
          if (action._tag !== "Spawn") continue
          const before = highest.get(action.path) ?? 0
          if (action.incarnation <= before) return `${action.path}#${action.incarnation} comes after #${before}.`
          highest.set(action.path, action.incarnation)
        }
        return undefined
      }
    }
  }
}

const isEnd = ({ _tag }: News): boolean => _tag === "Exited" || _tag === "Stopped" || _tag === "StartFailed"

export const eachExitOnce: Invariant = {
  name: "eachExitOnce",
  says: "the end of each process is told once, when it comes",
  watch: (tree) => {
    const alive = new Alive()
    return {
      folded: (moment) => {
        const { event, actions } = moment
        const ended = alive.ends(moment) && event._tag === "Exited" ? event.path : undefined
        alive.spawns(moment)
        const told = actions.flatMap((action) => (action._tag === "News" && isEnd(action.news) ? [action.news.path] : []))
        const of = told.filter((path) => specAt(tree, path)?.type === "worker")
        const wrong = of.find((path) => path !== ended)
        if (wrong !== undefined) return `${wrong} is said to have ended, and has not.`
        return ended === undefined || of.length === 1 ? undefined : `the end of ${ended} is told ${of.length} times.`
      }
    }
  }
}

export const noOrphans: Invariant = {
  name: "noOrphans",
  says: "nothing runs below a supervisor that has ended",
  watch: (tree) => {
    const alive = new Alive()
    return {
      folded: (moment) => {
        alive.ends(moment)
        for (const action of moment.actions) {
          if (action._tag !== "News" || !(isEnd(action.news) || action.news._tag === "Ended")) continue
          const { path } = action.news
          if (specAt(tree, path)?.type === "worker") continue
          const orphan = [...alive.lives.keys()].find((other) => other.startsWith(`${path}/`))
          if (orphan !== undefined) return `${path} has ended, and ${orphan} runs.`
        }
        alive.spawns(moment)
        return undefined
      },
      stopped: (afterMs, left) =>
        left.length === 0 || !Number.isFinite(afterMs) ? undefined : `the tree has stopped, and ${left.join(", ")} still runs.`
    }
  }
}
