/**
 * Assembles a tree of real processes within a scope. Nothing runs before `boot`, so observers that come before it miss
 * nothing.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { Exit } from "../codec/exit.ts"
import type { JournalEntry } from "../core/Journal.ts"
import { sayExit } from "../core/Sentence.ts"
import { EventLoopLag } from "../leaf/EventLoopLag.ts"
import { type Unmet, unmetNeed } from "../leaf/needsKeeper.ts"
import { TreeClock } from "../leaf/os/Clock.ts"
import { Spawners } from "../leaf/Spawners.ts"
import { hostWith } from "../leaf/watch/Host.ts"
import { SentenceError } from "../tree/SentenceError.ts"
import type { SourceMap } from "../tree/SourceMap.ts"
import type { Tree } from "../tree/Spec.ts"
import { hints } from "./kernel/hints.ts"
import { type Kernel, makeKernel } from "./kernel/Kernel.ts"
import { monitor } from "./kernel/Monitor.ts"
import { type Control, makeControl } from "./read/Control.ts"
import { LogFolders } from "./state/LogFolders.ts"
import { maintainLogs } from "./state/LogMaintenance.ts"
import { stampOf } from "./state/orphans.ts"

export interface AssembleOptions {
  /** The base of the workers' relative folders. Default: the working directory of this process. */
  readonly folder?: string
  /** All jitter comes from it. Default: random. */
  readonly seed?: number
  /**
   * Gets every event that the core folds, and the actions it led to: with the tree and the seed, a journal that can be
   * folded again (see `replay`). It must be quick, and must not throw.
   */
  readonly onJournalEntry?: (entry: JournalEntry) => void
}

interface Assemble extends AssembleOptions {
  /** What the author of the tree wrote, and where. */
  readonly origin?: SourceMap
  /** The path of its state directory. What it leaves behind is known by that. */
  readonly state?: string
}

/** The tree did not come up; everything that was started has been stopped. `exit` says why. */
export class BootFailed extends SentenceError<BootFailed>()("BootFailed", { path: Schema.String, exit: Exit }) {
  override get message(): string {
    return `${this.path} ${sayExit(this.exit)}.`
  }
}

export interface Assembled {
  readonly kernel: Kernel
  readonly control: Control["Service"]
  /** Starts the tree, without waiting. When the scope closes the tree is stopped, in reverse order. */
  readonly boot: Effect.Effect<void, never, Scope.Scope>
  /** Done when the tree is up; fails if it ends before. */
  readonly booted: Effect.Effect<void, BootFailed>
}

export const assemble = Effect.fn("supervise.assemble")(function* (
  tree: Tree,
  { folder = process.cwd(), seed, onJournalEntry, origin, state }: Assemble = {}
): Effect.fn.Return<Assembled, Unmet, Scope.Scope> {
  const clock = yield* TreeClock
  const { make, isKeeper = false } = yield* Spawners
  const has = { keeper: isKeeper, state: state !== undefined }
  const unmet = unmetNeed(tree, has)
  if (unmet !== undefined) return yield* unmet
  const logFolders = isKeeper && state !== undefined ? new LogFolders(state) : undefined
  const spawner = yield* make
  const lag = new EventLoopLag()
  const chosenSeed = seed ?? (yield* Random.nextIntBetween(0, 2 ** 31 - 1))
  const stamp = stampOf(state)
  const kernel = yield* makeKernel(tree, {
    spawner,
    clock,
    folder,
    stamp,
    logFolder: logFolders && ((path) => logFolders.of(path)),
    seed: chosenSeed,
    lag
  })
  const outcome = yield* Deferred.make<void, BootFailed>()
  kernel.observe({
    folded: onJournalEntry,
    told: (event) => {
      if (event.path !== kernel.state.rootPath) return
      if (event._tag === "Started") Deferred.doneUnsafe(outcome, Effect.void)
      if (event._tag === "Ended") Deferred.doneUnsafe(outcome, Effect.fail(new BootFailed({ path: event.path, exit: event.exit })))
    }
  })
  const control = makeControl(kernel, spawner, origin, (child, path) => unmetNeed(child, has, path))
  yield* monitor(kernel, spawner, folder, lag, hostWith(clock), stamp)
  yield* hints(kernel, folder)
  if (logFolders !== undefined) yield* maintainLogs(kernel, logFolders)
  const boot = Effect.andThen(
    Effect.addFinalizer(() => control.shutdown),
    Effect.sync(() => kernel.send({ _tag: "Boot" }))
  )
  return { kernel, control, boot, booted: Deferred.await(outcome) }
})
