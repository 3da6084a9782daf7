/**
 * Rehearses a tree: runs the same core as the live runtime, in a simulated world and in virtual time. Nothing is
 * started, an hour takes milliseconds, and the same tree, options and seed go the same way, step by step.
 */

import { checkState } from "../core/checkState.ts"
import type { Exit } from "../core/Exit.ts"
import type { JournalEntry } from "../core/Journal.ts"
import { snapshot } from "../core/Snapshot.ts"
import type { TreeState } from "../core/State.ts"
import { decodeTreeOrThrow } from "../tree/decode.ts"
import { longestDuration } from "../tree/duration.ts"
import type { Child, Tree, TreeSpec, Worker } from "../tree/Spec.ts"
import { BadRehearsal } from "./BadRehearsal.ts"
import { Fingerprint } from "./Fingerprint.ts"
import type { Invariant, Violation, Watch } from "./invariants/Invariant.ts"
import { shutdownBudgetMs } from "./lint/stopping.ts"
import { pathPattern } from "./PathPattern.ts"
import { RehearsalStats, type WorkerStats } from "./RehearsalStats.ts"
import { millis, type Time } from "./Time.ts"
import { type Behaviour, type BehaviourAt, well } from "./world/Behaviour.ts"
import type { Injection, ScheduledInjection } from "./world/Injection.ts"
import { LifeModel } from "./world/LifeModel.ts"
import { SimulatedWorld } from "./world/SimulatedWorld.ts"
import { scheduleFaults } from "./world/scheduleFaults.ts"
import { validateBehaviour, validateFault } from "./world/validate.ts"

export interface SimulateOptions {
  /** How long the tree runs, in virtual time. */
  readonly for: Time
  /** Decides everything random. A whole number from 0 to 2^32 − 1; default 0. */
  readonly seed?: number
  /** How its workers behave. Default: none exits by itself. */
  readonly behaviours?: ReadonlyArray<BehaviourAt>
  /** The faults. Default: none. */
  readonly injections?: ReadonlyArray<Injection>
  /** How long after that, at most, the tree may recover without faults. Not part of the figures. Default 0. */
  readonly calm?: Time
  /** Whether the tree is told to stop at the end. Not part of the figures. Default false. */
  readonly stop?: boolean
  /** What must hold; violations are in the result. Default: none. */
  readonly invariants?: ReadonlyArray<Invariant>
  /** Called for everything that happens. `at`: milliseconds from the start; the entry's own clock may have jumped. */
  readonly watch?: (entry: JournalEntry, at: number) => void
}

export interface Rehearsal {
  readonly seed: number
  /** The faults with their times: with these it goes the same way again. */
  readonly injections: ReadonlyArray<ScheduledInjection>
  /**
   * When and why the tree ended by itself, if it did: it gave up, failed to boot, or shut itself down. `at` in
   * milliseconds.
   */
  readonly ended: { readonly at: number; readonly exit: Exit } | undefined
  /** The share of the time, from the start of the boot, in which all required workers were up. In [0, 1]. */
  readonly availability: number
  /** Every worker there ever was, by its path. */
  readonly workers: ReadonlyMap<string, WorkerStats>
  /** Counted restarts, over all supervisors. */
  readonly restarts: number
  /** How often a child was failed: restarted too often, and left alone (`onIntensity: "failChild"`). */
  readonly failures: number
  /** Supervisors that gave up. `at` in milliseconds. */
  readonly escalations: ReadonlyArray<{ readonly at: number; readonly path: string }>
  /** What did not hold: the first violation of each invariant. */
  readonly violations: ReadonlyArray<Violation>
  /** How many events the core handled. */
  readonly events: number
  /** Sixteen hexadecimal digits: equal if everything went the same way, and almost certainly different otherwise. */
  readonly fingerprint: string
}

/**
 * Throws `BadTree` when the spec is invalid, and `BadRehearsal` when an option is invalid or names a path that is not
 * in the tree.
 */
export const simulate = (spec: TreeSpec, options: SimulateOptions): Rehearsal => rehearse(decodeTreeOrThrow(spec), options)

/** `simulate` for a tree that is already decoded. */
export function rehearse(tree: Tree, options: SimulateOptions): Rehearsal {
  const { seed = 0, behaviours = [], injections = [], invariants = [], stop = false } = options
  checkSeed(seed)
  const forMs = millis(options.for, "the length of the rehearsal")
  const calmMs = millis(options.calm ?? 0, "the calm after it")
  for (const injection of injections) validateFault(injection, forMs)
  for (const behaviour of behaviours) validateBehaviour(behaviour)
  const stats = new RehearsalStats(tree)
  const watch = new Watchers(tree, invariants)
  const fingerprint = new Fingerprint()
  const scheduled = scheduleFaults(injections, forMs, seed)
  const world = new SimulatedWorld({
    tree,
    lifeModel: new LifeModel(seed, behaviourIn(tree, behaviours)),
    seed,
    injections: scheduled,
    covers: coverer(tree, injections),
    observer: {
      began: (path, worker, at) => stats.began(path, worker, at),
      up: (path, at) => stats.up(path, at),
      down: (path, at) => stats.down(path, at),
      hung: (path, at) => stats.hung(path, at),
      stepped: (entry, at) => {
        stats.stepped(entry, at)
        fingerprint.add(entry)
        watch.folded(entry, world.state)
        options.watch?.(entry, at)
      }
    }
  })

  world.deliver({ _tag: "Boot" })
  world.until(forMs)
  const { ended } = world
  const isDone = ended !== undefined && ended.exit._tag === "AutoShutdown"
  const figures = stats.close(isDone ? ended.at : forMs)

  if (calmMs > 0 && world.ended === undefined) {
    world.calmDown()
    world.until(forMs + calmMs)
    if (world.ended === undefined) watch.settled(world)
  }
  if (stop && world.ended === undefined) {
    const from = world.now
    world.resume()
    world.deliver({ _tag: "Stop" })
    world.until(from + Math.min(shutdownBudgetMs(tree), longestDuration) + 1)
    watch.stopped(world, world.now - from)
  }
  return {
    seed,
    injections: scheduled,
    ended,
    ...figures,
    violations: watch.violations,
    events: world.events,
    fingerprint: fingerprint.text
  }
}

/** Random numbers are made of 32 bits. */
const SEEDS = 2 ** 32

export function checkSeed(seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0 && seed < SEEDS) return
  throw new BadRehearsal({ because: `the seed is ${seed}, and should be a whole number from 0 to ${SEEDS - 1}.` })
}

/** If several behaviours apply to a worker, the last wins, key by key. */
function behaviourIn(tree: Tree, behaviours: ReadonlyArray<BehaviourAt>): (path: string, worker: Worker) => Behaviour {
  const given = (behaviour: Partial<Behaviour>) => Object.fromEntries(Object.entries(behaviour).filter(([, value]) => value !== undefined))
  const all = behaviours.map(({ path, ...behaviour }) => ({ concerns: pathPattern(tree, path), behaviour: given(behaviour) }))
  return (path) => Object.assign({}, well, ...all.filter(({ concerns }) => concerns(path)).map(({ behaviour }) => behaviour))
}

function coverer(tree: Tree, injections: ReadonlyArray<Injection>): (pattern: string, path: string) => boolean {
  const known = new Map<string, (path: string) => boolean>()
  for (const injection of injections) if ("path" in injection) known.set(injection.path, pathPattern(tree, injection.path))
  return (pattern, path) => known.get(pattern)!(path)
}

/** The state of a tree of this many nodes is checked after every event. */
const SMALL_TREE = 50

const sizeOf = (node: Child): number => {
  if (node.type === "worker") return 1
  return 1 + (node.type === "pool" ? node.size * sizeOf(node.child) : node.children.reduce((sum, child) => sum + sizeOf(child), 0))
}

const illegal = (state: TreeState): string | undefined => {
  const problem = checkState(state)
  return problem === undefined ? undefined : `the state is illegal: ${problem}`
}

/** All invariants over one rehearsal, and that every state is legal. Reports the first violation of each. */
class Watchers {
  readonly violations: Array<Violation> = []
  private readonly watches: Array<{ readonly name: string; readonly watch: Watch }>
  private events = 0
  /** A check of the state walks the whole tree: of a small one after each event, of a large one now and then. */
  private readonly checkEvery: number

  constructor(tree: Tree, invariants: ReadonlyArray<Invariant>) {
    this.checkEvery = Math.ceil(sizeOf(tree) / SMALL_TREE) ** 2
    this.watches = invariants.map(({ name, watch }) => ({ name, watch: watch(tree) }))
  }

  folded(entry: JournalEntry, state: TreeState): void {
    if (this.watches.length > 0 && this.events++ % this.checkEvery === 0) this.report("legalState", entry.at, illegal(state))
    for (const { name, watch } of this.watches) this.report(name, entry.at, watch.folded?.(entry))
  }

  settled({ state, now, left }: SimulatedWorld): void {
    for (const { name, watch } of this.watches) this.report(name, now, watch.settled?.(snapshot(state), left))
  }

  stopped({ now, left, ended }: SimulatedWorld, afterMs: number): void {
    for (const { name, watch } of this.watches)
      this.report(name, now, watch.stopped?.(ended === undefined ? Number.POSITIVE_INFINITY : afterMs, left))
  }

  private report(invariant: string, at: number, sentence: string | undefined): void {
    if (sentence === undefined || this.violations.some((known) => known.invariant === invariant)) return
    this.violations.push({ invariant, at, sentence })
  }
}
