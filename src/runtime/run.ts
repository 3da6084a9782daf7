/** Runs a tree of real processes within a scope. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Exit } from "../core/Exit.ts"
import { sayExit } from "../core/Sentence.ts"
import { makeNode } from "../leaf/node/layer.ts"
import { Spawners } from "../leaf/Spawner.ts"
import type { BadTree } from "../spec/BadTree.ts"
import { decodeTree } from "../spec/decode.ts"
import type { Tree, TreeSpec } from "../spec/Spec.ts"
import { Control, makeControl } from "./Control.ts"
import { type Kernel, makeKernel } from "./Kernel.ts"

export interface RunOptions {
  /** What the workers' relative folders are relative to. Default: the process's own folder. */
  readonly folder?: string
  /** Decides all jitter. Default: another one each time. */
  readonly seed?: number
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

/**
 * Boots a tree and answers its `Control` when every child is ready; from then on the tree keeps itself up. When the scope closes, the tree
 * is stopped in reverse order, and the scope waits for it. Takes a spec as a person writes it.
 */
export const run = (spec: TreeSpec, options: RunOptions = {}): Effect.Effect<Control["Service"], BadTree | BootFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const tree = yield* decodeTree(spec)
    const { control, booted } = yield* launch(tree, options)
    yield* booted
    return control
  })

/** The same as a layer: the tree lives as long as the layer. */
export const layer = (spec: TreeSpec, options: RunOptions = {}): Layer.Layer<Control, BadTree | BootFailed> =>
  Layer.effect(Control, run(spec, options))

export interface Launched {
  readonly control: Control["Service"]
  readonly kernel: Kernel
  /** Done when the tree is up; fails if it ends before. */
  readonly booted: Effect.Effect<void, BootFailed>
}

/** Starts a decoded tree, and does not wait. `before` sees the kernel before anything happens: whoever watches from there misses nothing. */
export const launch = Effect.fnUntraced(function* (tree: Tree, options: RunOptions = {}, before: (kernel: Kernel) => void = () => {}) {
  const given = yield* Effect.serviceOption(Spawners)
  const spawner = yield* Option.isSome(given) ? given.value.make : makeNode
  const { folder = process.cwd(), seed = yield* Random.nextIntBetween(0, 2 ** 31 - 1) } = options
  const kernel = yield* makeKernel(tree, { spawner, folder, seed })
  const control = makeControl(kernel, spawner)
  const booted = yield* Deferred.make<void, BootFailed>()
  before(kernel)
  kernel.watch((event) => {
    if (event.path !== kernel.state.rootPath) return
    if (event._tag === "Started") Deferred.doneUnsafe(booted, Effect.void)
    if (event._tag === "Ended") Deferred.doneUnsafe(booted, Effect.fail(new BootFailed({ path: event.path, exit: event.exit })))
  })
  yield* Effect.addFinalizer(() => control.shutdown)
  kernel.send({ _tag: "Boot" })
  return { control, kernel, booted: Deferred.await(booted) } satisfies Launched
})
