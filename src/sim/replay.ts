/** Runs a journal again and reports whether the core still decides the same. */
import * as Schema from "effect/Schema"
import { isJournalEntry } from "../codec/journal.ts"
import type { JournalEntry } from "../core/Journal.ts"
import { JOURNAL_VERSION, type Journal } from "../core/Journal.ts"
import { make, step } from "../core/Machine.ts"
import type { TreeState } from "../core/State.ts"
import { decodeTreeOrThrow, encodeTree } from "../tree/decode.ts"
import { redactSpec } from "../tree/redactSpec.ts"
import type { TreeSpec } from "../tree/Spec.ts"
import { BadRehearsal } from "./BadRehearsal.ts"

export interface Replay {
  /** How many entries went the same way; all of them if there is no difference. */
  readonly entries: number
  readonly actions: number
  readonly difference: Difference | undefined
}

export interface Difference {
  readonly entry: JournalEntry
  /** What the core does now. */
  readonly now: JournalEntry["actions"]
}

/**
 * Throws `BadTree` when the recorded tree is no longer valid, and `BadRehearsal` when the core cannot handle an entry.
 */
export function replay({ tree, seed, entries }: Journal): Replay {
  const state = make(decodeTreeOrThrow(tree), seed)
  let actions = 0
  for (const [n, entry] of entries.entries()) {
    const now = folded(state, entry, n)
    if (JSON.stringify(now) !== JSON.stringify(entry.actions)) return { entries: n, actions, difference: { entry, now } }
    actions += now.length
  }
  return { entries: entries.length, actions, difference: undefined }
}

/** `step` handles every event, so only a malformed one can throw. */
function folded(state: TreeState, { at, event }: JournalEntry, n: number): JournalEntry["actions"] {
  try {
    return step(state, event, at)
  } catch (cause) {
    throw new BadRehearsal({ because: `entry ${n + 1} of the recording cannot be replayed: ${String(cause)}` })
  }
}

const Head = Schema.Struct({ journal: Schema.Number, seed: Schema.Int, tree: Schema.Unknown })
const isHead = Schema.is(Head)

/**
 * Reads a journal. `source` is its name in messages; `of`, if given, the tree it must be of. Throws `BadRehearsal` when
 * it is not a journal, or one of another tree. An unfinished last line is ignored: its writer was killed.
 */
export function readJournal(text: string, source: string, of?: TreeSpec): Journal {
  const lines = text.split("\n")
  const unfinished = lines.pop() !== ""
  const [first, ...rest] = lines.map((line, n) => parse(line, `${source}:${n + 1}`))
  if (!isHead(first)) throw new BadRehearsal({ because: `${source} is not a recording: its first line should hold a tree and a seed.` })
  if (first.journal !== JOURNAL_VERSION)
    throw new BadRehearsal({
      because: `${source} is a recording of version ${first.journal}, but version ${JOURNAL_VERSION} is expected.`
    })
  const tree = first.tree as TreeSpec
  if (of !== undefined) sameTree(tree, of, source)
  const entries = rest.map((line, n) => {
    if (isJournalEntry(line)) return line
    throw new BadRehearsal({ because: `${source}:${n + 2} is not an entry of a recording: it should have a time, an event and actions.` })
  })
  if (unfinished && entries.length === 0) throw new BadRehearsal({ because: `${source} ends before anything has happened.` })
  return { tree, seed: first.seed, entries }
}

function parse(line: string, location: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new BadRehearsal({ because: `${location} is not JSON.` })
  }
}

/** Secrets are left out, as the recording may have been written without them. */
function sameTree(recorded: TreeSpec, given: TreeSpec, source: string): void {
  const [recordedText, givenText] = [recorded, given].map((spec) => JSON.stringify(redactSpec(encodeTree(decodeTreeOrThrow(spec)))))
  if (recordedText === givenText) return
  const what = recorded.id === given.id ? `another version of ${given.id}` : `the tree ${recorded.id}, not of ${given.id}`
  throw new BadRehearsal({ because: `${source} is a recording of ${what}: the decisions cannot be compared.` })
}
