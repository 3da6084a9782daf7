/**
 * Rehearses a tree: the core that the live runtime folds, in an invented world and in virtual time. Nothing is started, and an hour takes
 * milliseconds. The same tree, options and seed go the same way, to the last step.
 */
import type { Exit } from "../core/Exit.ts"
import type { JournalEntry } from "../core/Journal.ts"
import { snapshot } from "../core/Snapshot.ts"
import { decodeTreeOrThrow } from "../tree/decode.ts"
import { longestDuration } from "../tree/duration.ts"
import type { Tree, TreeSpec, Worker } from "../tree/Spec.ts"
import { BadRehearsal } from "./BadRehearsal.ts"
import { Fingerprint } from "./Fingerprint.ts"
import type { Invariant, Violation, Watch } from "./invariants/Invariant.ts"
import { toStop } from "./lint/stopping.ts"
import { pathPattern } from "./PathPattern.ts"
import { RehearsalStats, type WorkerStats } from "./RehearsalStats.ts"
import { millis, type Time } from "./Time.ts"
import { type Behaviour, type BehaviourAt, well } from "./world/Behaviour.ts"
import type { Dated, Injection } from "./world/Injection.ts"
import { LifeModel } from "./world/LifeModel.ts"
import { SimulatedWorld } from "./world/SimulatedWorld.ts"
import { scheduleFaults } from "./world/scheduleFaults.ts"
import { validateBehaviour, validateFault } from "./world/validate.ts"

export interface SimulateOptions {
  /** How long the tree is rehearsed, in its own time. */
  readonly for: Time
  /** Decides everything that is left to chance. A whole number, less than 2^32; default 0. */
  readonly seed?: number
  /** How its workers behave. Default: nothing ends by itself. */
  readonly behaviours?: ReadonlyArray<BehaviourAt>
  /** What is done to it. Default: nothing. */
  readonly injections?: ReadonlyArray<Injection>
  /** After that, at most so long without any fault, for what is broken to come up again. It counts for no figure. Default 0. */
  readonly calm?: Time
  /** Is it told to stop in the end? That counts for no figure either. Default false. */
  readonly stop?: boolean
  /** What must hold. Default: nothing is watched. */
  readonly invariants?: ReadonlyArray<Invariant>
  /** Sees everything that happens. `at`: milliseconds from the beginning; the moment's own clock may have jumped. */
  readonly watch?: (moment: JournalEntry, at: number) => void
}

export interface Rehearsal {
  readonly seed: number
  /** What was done to it, and when; with these it goes the same way again. */
  readonly injections: ReadonlyArray<Dated>
  /** When the tree ended by itself, if it did: it gave up, could not boot, or shut itself down. */
  readonly ended: { readonly at: number; readonly exit: Exit } | undefined
  /** The share of the time in which nobody was down who should have been up, from the beginning of the boot. */
  readonly availability: number
  /** Each worker there ever was, by its path. */
  readonly workers: ReadonlyMap<string, WorkerStats>
  /** Entries in the windows of all supervisors. */
  readonly restarts: number
  /** Supervisors that gave up. */
  readonly escalations: ReadonlyArray<{ readonly at: number; readonly path: string }>
  /** What did not hold, the first time for each invariant. */
  readonly violations: ReadonlyArray<Violation>
  /** How many events the core has folded. */
  readonly events: number
  /** Sixteen hexadecimal digits; equal if, and for all one can know only if, everything went the same way. */
  readonly fingerprint: string
}

/** Throws `BadTree` when the spec is none, `BadRehearsal` when an option is none or names a path that is not in the tree. */
export const simulate = (spec: TreeSpec, options: SimulateOptions): Rehearsal => rehearse(decodeTreeOrThrow(spec), options)

/** As `simulate`, of a tree that is decoded already. */
export function rehearse(tree: Tree, options: SimulateOptions): Rehearsal {
  const { seed = 0, behaviours = [], injections = [], invariants = [], stop = false } = options
  checkSeed(seed)
  const forMs = millis(options.for, "the length of the rehearsal")
  const calmMs = millis(options.calm ?? 0, "the calm after it")
  for (const injection of injections) validateFault(injection, forMs)
  for (const behaviour of behaviours) validateBehaviour(behaviour)
  const books = new RehearsalStats(tree)
  const watch = new Watchers(tree, invariants)
  const fingerprint = new Fingerprint()
  const dated = scheduleFaults(injections, forMs, seed)
  const world = new SimulatedWorld({
    tree,
    lifeModel: new LifeModel(seed, behaviourIn(tree, behaviours)),
    seed,
    injections: dated,
    covers: coverer(tree, injections),
    observer: {
      began: (path, worker, at) => books.began(path, worker, at),
      up: (path, at) => books.up(path, at),
      down: (path, at) => books.down(path, at),
      hung: (path, at) => books.hung(path, at),
      folded: (moment, at) => {
        books.folded(moment, at)
        fingerprint.add(moment)
        watch.folded(moment)
        options.watch?.(moment, at)
      }
    }
  })

  world.tell({ _tag: "Boot" })
  world.until(forMs)
  const { ended } = world
  const isDone = ended !== undefined && ended.exit._tag === "AutoShutdown"
  const figures = books.close(isDone ? ended.at : forMs)

  if (calmMs > 0 && world.ended === undefined) {
    world.calmDown()
    world.until(forMs + calmMs)
    if (world.ended === undefined) watch.settled(world)
  }
  if (stop && world.ended === undefined) {
    const from = world.now
    world.goOn()
    world.tell({ _tag: "Stop" })
    world.until(from + Math.min(toStop(tree), longestDuration) + 1)
    watch.stopped(world, world.now - from)
  }
  return { seed, injections: dated, ended, ...figures, violations: watch.violations, events: world.events, fingerprint: fingerprint.text }
}

/** So many differ: chance is made of 32 bits. */
const SEEDS = 2 ** 32

export function checkSeed(seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0 && seed < SEEDS) return
  throw new BadRehearsal({ because: `the seed is ${seed}, and should be a whole number from 0 to ${SEEDS - 1}.` })
}

/** Of several behaviours for one worker, the last one counts, key by key. */
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

/** All invariants over one rehearsal. Of each, the first violation is told. */
class Watchers {
  readonly violations: Array<Violation> = []
  private readonly watches: Array<{ readonly name: string; readonly watch: Watch }>

  constructor(tree: Tree, invariants: ReadonlyArray<Invariant>) {
    this.watches = invariants.map(({ name, watch }) => ({ name, watch: watch(tree) }))
  }

  folded(moment: JournalEntry): void {
    for (const { name, watch } of this.watches) this.report(name, moment.at, watch.folded?.(moment))
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
