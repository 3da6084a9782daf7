/**
 * Reduces a rehearsal that goes wrong to the smallest that still does: fewer faults, fewer workers, less pacing, less
 * time.
 */
import { BadTree } from "../../tree/problems/BadTree.ts"
import type { ChildSpec, TreeSpec } from "../../tree/Spec.ts"
import { BadRehearsal } from "../BadRehearsal.ts"
import { type Rehearsal, type SimulateOptions, simulate } from "../simulate.ts"
import { millis } from "../Time.ts"
import type { BehaviourAt } from "../world/Behaviour.ts"
import type { Injection } from "../world/Injection.ts"

export interface Shrunk {
  readonly tree: TreeSpec
  /** With every fault scheduled, so `simulate(tree, options)` goes wrong again. */
  readonly options: SimulateOptions
  readonly rehearsal: Rehearsal
  /** How many rehearsals it took. */
  readonly tries: number
}

const DEFAULT_TRIES = 2000

/**
 * Returns the smallest rehearsal for which `isWrong` holds, or undefined if the first is not wrong. `tries`: how many
 * rehearsals it may take, default 2,000. Unless they run out, nothing more can be left out of the result.
 */
export function shrink(
  tree: TreeSpec,
  options: SimulateOptions,
  isWrong: (rehearsal: Rehearsal) => boolean,
  { tries = DEFAULT_TRIES }: { readonly tries?: number } = {}
): Shrunk | undefined {
  const first = simulate(tree, options)
  if (!isWrong(first)) return undefined
  let least: Shrunk = { tree, options: { ...options, injections: first.injections }, rehearsal: first, tries: 1 }
  let count = 1
  for (let smaller: Shrunk | undefined = least; smaller !== undefined; ) {
    smaller = undefined
    for (const candidate of simpler(least)) {
      if (count >= tries) break
      count++
      const rehearsal = attempt(candidate)
      if (rehearsal === undefined || !isWrong(rehearsal)) continue
      smaller = { ...candidate, rehearsal, tries: count }
      least = smaller
      break
    }
  }
  return { ...least, tries: count }
}

type Candidate = Pick<Shrunk, "tree" | "options">

/** Undefined if the candidate is invalid: the rest is not a tree, or an option names a node that was removed. */
function attempt({ tree, options }: Candidate): Rehearsal | undefined {
  try {
    return simulate(tree, options)
  } catch (error) {
    if (error instanceof BadTree || error instanceof BadRehearsal) return undefined
    throw error
  }
}

/** Candidates that are simpler by one thing, the largest steps first. */
function* simpler({ tree, options }: Candidate): Iterable<Candidate> {
  const { injections = [], behaviours = [] } = options
  for (const fewer of without(injections)) yield { tree, options: { ...options, injections: fewer } }
  for (const smaller of smallerTrees(tree)) yield { tree: smaller as TreeSpec, options: within(smaller as TreeSpec, options) }
  for (const fewer of without(behaviours)) yield { tree, options: { ...options, behaviours: fewer } }
  const forMs = millis(options.for, "the length of the rehearsal")
  const last = injections.reduce((latest, { at = 0 }) => Math.max(latest, at + 1), 1000)
  for (const shorter of [Math.ceil(forMs / 2), last]) if (shorter < forMs) yield { tree, options: { ...options, for: shorter } }
  for (const [n, injection] of injections.entries()) {
    if (!("forMs" in injection) || injection.forMs < 2) continue
    yield { tree, options: { ...options, injections: injections.with(n, { ...injection, forMs: Math.floor(injection.forMs / 2) }) } }
  }
}

/** Without the first half, the second half, each quarter, … and each single element. */
function* without<A>(all: ReadonlyArray<A>): Iterable<ReadonlyArray<A>> {
  for (let size = Math.ceil(all.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 0; from < all.length; from += size) yield all.toSpliced(from, size)
}

function* smallerTrees(node: ChildSpec): Iterable<ChildSpec> {
  if (node.type === "pool") {
    for (const size of new Set([1, Math.floor(node.size / 2), node.size - 1])) if (size > 0 && size < node.size) yield { ...node, size }
    for (const child of smallerTrees(node.child)) yield { ...node, child }
  }
  for (const key of ["breaker", "startGate", "needs"])
    if (key in node) yield Object.fromEntries(Object.entries(node).filter(([name]) => name !== key)) as unknown as ChildSpec
  if (node.type !== "supervisor") return
  for (const fewer of without(node.children)) {
    const ids = fewer.map(({ id }) => id)
    const children = fewer.map((child) =>
      child.needs === undefined ? child : { ...child, needs: child.needs.filter((id) => ids.includes(id)) }
    )
    yield { ...node, children }
  }
  for (const [n, child] of node.children.entries())
    for (const smaller of smallerTrees(child)) yield { ...node, children: node.children.with(n, smaller) }
}

/** Drops options that name nodes which no longer exist. */
function within(tree: TreeSpec, options: SimulateOptions): SimulateOptions {
  const exists = (of: BehaviourAt | Injection): boolean =>
    !("path" in of) || attempt({ tree, options: { for: 0, behaviours: [{ path: of.path }] } }) !== undefined
  return { ...options, behaviours: (options.behaviours ?? []).filter(exists), injections: (options.injections ?? []).filter(exists) }
}
