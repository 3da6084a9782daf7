/** What an invariant looks at, one by one, until something must not be. */
import type { Action, News } from "../../core/Action.ts"
import type { JournalEntry } from "../../core/Journal.ts"
import type { Watch } from "./Invariant.ts"

/** Each callback returns a sentence when the invariant does not hold. */
type Look<A> = (one: A, entry: JournalEntry) => string | undefined

function each(look: Look<Action>): Watch {
  const folded = (entry: JournalEntry) => {
    for (const action of entry.actions) {
      const wrong = look(action, entry)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }
  return { folded }
}

export const eachNews = (look: Look<News>): Watch =>
  each((action, entry) => (action._tag === "News" ? look(action.news, entry) : undefined))

export const eachSpawn = (look: Look<Extract<Action, { _tag: "Spawn" }>>): Watch =>
  each((action, entry) => (action._tag === "Spawn" ? look(action, entry) : undefined))

/** All news of this entry, in order. */
export const newsOf = ({ actions }: JournalEntry): ReadonlyArray<News> =>
  actions.flatMap((action) => (action._tag === "News" ? [action.news] : []))
