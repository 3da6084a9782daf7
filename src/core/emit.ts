/** What a step says to the world: each function adds one action. */
import type { Action, News } from "./Action.ts"
import type { Decision } from "./Decision.ts"
import type { Answer } from "./Event.ts"
import type { ChildState, TreeState } from "./State.ts"

export const act = (tree: TreeState, action: Action): void => void tree.actions.push(action)
export const tell = (tree: TreeState, news: News): void => act(tree, { _tag: "News", news })
export const decide = (tree: TreeState, decision: Decision): void => act(tree, { _tag: "Decide", decision })
export const reply = (tree: TreeState, ticket: number, answer: Answer): void => act(tree, { _tag: "Reply", ticket, answer })

/** All calls that wait for this child get the same answer. */
export function answer(tree: TreeState, child: ChildState, what: Answer): void {
  for (const ticket of child.tickets) reply(tree, ticket, what)
  child.tickets = []
  child.askedFor = undefined
}
