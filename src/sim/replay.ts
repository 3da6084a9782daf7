/** Folds a recorded life again, and sees whether the core decides as it did. */
import * as Schema from "effect/Schema"
import { isJournalEntry } from "../codec/journal.ts"
import type { JournalEntry } from "../core/Journal.ts"
import { JOURNAL_VERSION, type Journal } from "../core/Journal.ts"
import { make, step } from "../core/Machine.ts"
import type { TreeState } from "../core/State.ts"
import { decodeTreeOrThrow, encodeTree } from "../tree/decode.ts"
import type { TreeSpec } from "../tree/Spec.ts"
import { BadRehearsal } from "./BadRehearsal.ts"

export interface Replay {
  /** So many moments went the same way; all of them, if there is no difference. */
  readonly entries: number
  readonly actions: number
  readonly difference: Difference | undefined
}

export interface Difference {
  readonly entry: JournalEntry
  /** What the core does about it now. */
  readonly now: JournalEntry["actions"]
}

/** Throws `BadTree` when what was recorded is no tree any more, and `BadRehearsal` when a moment is none that the core can fold. */
export function replay({ tree, seed, entries: moments }: Journal): Replay {
  const state = make(decodeTreeOrThrow(tree), seed)
  let actions = 0
  for (const [n, moment] of moments.entries()) {
    const now = folded(state, moment, n)
    if (JSON.stringify(now) !== JSON.stringify(moment.actions)) return { entries: n, actions, difference: { entry: moment, now } }
    actions += now.length
  }
  return { entries: moments.length, actions, difference: undefined }
}

/** `step` is total over events; whoever gives us what only looks like one is told where it stands. */
function folded(state: TreeState, { at, event }: JournalEntry, n: number): JournalEntry["actions"] {
  try {
    return step(state, event, at)
  } catch (cause) {
    throw new BadRehearsal({ because: `moment ${n + 1} of the recording cannot be folded: ${String(cause)}` })
  }
}

const Head = Schema.Struct({ journal: Schema.Number, seed: Schema.Int, tree: Schema.Unknown })
const isHead = Schema.is(Head)

/**
 * Reads a recording. `of`: the tree that it should be of. Throws `BadRehearsal` when it is no recording, or one of another tree. A last line
 * that breaks off is left out: whoever wrote it was killed.
 */
export function readJournal(text: string, source: string, of?: TreeSpec): Journal {
  const lines = text.split("\n")
  const unfinished = lines.pop() !== ""
  const [first, ...rest] = lines.map((line, n) => parse(line, `${source}:${n + 1}`))
  if (!isHead(first)) throw new BadRehearsal({ because: `${source} is no recording: its first line should hold a tree and a seed.` })
  if (first.journal !== JOURNAL_VERSION)
    throw new BadRehearsal({
      because: `${source} is a recording of version ${first.journal}, and this is made for version ${JOURNAL_VERSION}.`
    })
  const tree = first.tree as TreeSpec
  if (of !== undefined) sameTree(tree, of, source)
  const moments = rest.map((line, n) => {
    if (isJournalEntry(line)) return line
    throw new BadRehearsal({ because: `${source}:${n + 2} is no moment of a recording: it should have a time, an event and actions.` })
  })
  if (unfinished && moments.length === 0) throw new BadRehearsal({ because: `${source} breaks off before anything has happened.` })
  return { tree, seed: first.seed, entries: moments }
}

function parse(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new BadRehearsal({ because: `${where} is no line of JSON.` })
  }
}

function sameTree(recorded: TreeSpec, given: TreeSpec, source: string): void {
  const [there, here] = [recorded, given].map((spec) => JSON.stringify(encodeTree(decodeTreeOrThrow(spec))))
  if (there === here) return
  const what = recorded.id === given.id ? `of ${given.id} when it was another tree` : `of the tree ${recorded.id}, and not of ${given.id}`
  throw new BadRehearsal({ because: `${source} is a recording ${what}: its decisions cannot be compared with this one's.` })
}
