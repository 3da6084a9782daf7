/** Puts a tree of real processes together within a scope, and starts it. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import type { Exit } from "../core/Exit.ts"
import type { JournalEntry } from "../core/Journal.ts"
import { sayExit } from "../core/Sentence.ts"
import { EventLoopLag } from "../leaf/EventLoopLag.ts"
import { makeNode } from "../leaf/node/layer.ts"
import { Spawners } from "../leaf/Spawner.ts"
import type { SourceMap } from "../tree/SourceMap.ts"
import type { Tree } from "../tree/Spec.ts"
import { hints } from "./kernel/hints.ts"
import { type Kernel, makeKernel } from "./kernel/Kernel.ts"
import { monitor } from "./kernel/Monitor.ts"
import { type Control, makeControl } from "./read/Control.ts"

export interface LaunchOptions {
  /** What the workers' relative folders are relative to. Default: the process's own folder. */
  readonly folder?: string
  /** Decides all jitter. Default: another one each time. */
  readonly seed?: number
  /**
   * Sees every event that the core folds, and what it made of it: with the tree and the seed, a recording that can be folded again (see
   * `replay`). It must be quick, and must not throw.
   */
  readonly onJournalEntry?: (moment: JournalEntry) => void
}

interface Launch extends LaunchOptions {
  /** What its author wrote, and where. */
  readonly origin?: SourceMap
}

/** The tree did not come up; everything that had been started is stopped again. `exit` says why. */
export class BootFailed extends Schema.TaggedError<BootFailed>()("BootFailed", {
  path: Schema.String,
  exit: Schema.declare((_: unknown): _ is Exit => true)
}) {
  override get message(): string {
    return `${this.path} ${sayExit(this.exit)}.`
  }
}

export interface Launched {
  readonly control: Control["Service"]
  readonly kernel: Kernel
  /** Done when the tree is up; fails if it ends before. */
  readonly booted: Effect.Effect<void, BootFailed>
}

/**
 * Starts a decoded tree, and does not wait. `before` comes before anything happens: whoever watches from there misses nothing, and if it
 * fails, nothing is started. What it opens is open until the tree has ended. When the scope closes, the tree is stopped in reverse order.
 */
export const launch = Effect.fnUntraced(function* <E = never, R = never>(
  tree: Tree,
  options: Launch = {},
  before: (launched: Launched) => Effect.Effect<void, E, R> = () => Effect.void
) {
  const given = yield* Effect.serviceOption(Spawners)
  const spawner = yield* Option.isSome(given) ? given.value.make : makeNode
  const { folder = process.cwd(), seed = yield* Random.nextIntBetween(0, 2 ** 31 - 1), onJournalEntry, origin } = options
  const lag = new EventLoopLag()
  const kernel = yield* makeKernel(tree, { spawner, folder, seed, lag, onJournalEntry })
  const control = makeControl(kernel, spawner, origin)
  const outcome = yield* Deferred.make<void, BootFailed>()
  const launched: Launched = { control, kernel, booted: Deferred.await(outcome) }
  kernel.watch((event) => {
    if (event.path !== kernel.state.rootPath) return
    if (event._tag === "Started") Deferred.doneUnsafe(outcome, Effect.void)
    if (event._tag === "Ended") Deferred.doneUnsafe(outcome, Effect.fail(new BootFailed({ path: event.path, exit: event.exit })))
  })
  yield* monitor(kernel, spawner, folder, lag)
  yield* hints(kernel, folder)
  yield* before(launched)
  yield* Effect.addFinalizer(() => control.shutdown)
  kernel.send({ _tag: "Boot" })
  return launched
})
