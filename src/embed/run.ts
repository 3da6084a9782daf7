/** Runs a tree within a program, for as long as its scope is open. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { serve } from "../http/serve.ts"
import type { KeeperMissing } from "../leaf/keeper/program.ts"
import type { Unmet } from "../leaf/needsKeeper.ts"
import { type SpawnerName, withSpawner } from "../leaf/Spawners.ts"
import { type AssembleOptions, assemble, type BootFailed } from "../runtime/assemble.ts"
import { Control } from "../runtime/read/Control.ts"
import { metrics } from "../runtime/read/metrics.ts"
import { orphansOf, sayOrphans } from "../runtime/state/orphans.ts"
import { type AlreadyRunning, claim, type StateUnusable } from "../runtime/state/StateDirectory.ts"
import { decodeTree } from "../tree/decode.ts"
import type { BadTree } from "../tree/problems/BadTree.ts"
import type { TreeSpec } from "../tree/Spec.ts"

export interface RunOptions extends AssembleOptions {
  /**
   * The state directory. With one, commands such as `supervise ps` can reach the tree from outside the program. It is
   * created if missing, and belongs to one running tree; a folder that contains anything else is refused. Default:
   * none, and no control socket.
   */
  readonly state?: string
  /**
   * What starts the processes: `"node"`, the portable way, or `"keeper"`, a native program that is their parent, on
   * Linux. Default: the spawner that the program provides; if it provides none, the keeper where there is one.
   */
  readonly spawner?: SpawnerName
}

/** Why a tree does not run. */
export type NotRun = BadTree | BootFailed | AlreadyRunning | StateUnusable | KeeperMissing | Unmet

/**
 * Boots a tree and returns its `Control` once every child is ready; from then on the tree is supervised. When the scope
 * closes, the tree is stopped in reverse order, and the scope waits for that. Takes a spec as in a tree file. Fails
 * with `BadTree`, `BootFailed`, `AlreadyRunning`, `StateUnusable`, `KeeperMissing`, `KeeperNeeded` or `StateNeeded`.
 */
export const run = Effect.fn("supervise.run")(function* (
  spec: TreeSpec,
  options: RunOptions = {}
): Effect.fn.Return<Control["Service"], NotRun, Scope.Scope> {
  const tree = yield* decodeTree(spec)
  const state = options.state === undefined ? undefined : yield* claim(options.state)
  const assembled = assemble(tree, { ...options, ...(state && { state: state.path }), origin: { spec, places: new Map() } })
  const { kernel, control, boot, booted } = yield* withSpawner(options.spawner)(assembled)
  yield* metrics(kernel)
  if (state !== undefined) {
    yield* serve(state, control, (sentence) => process.emitWarning(sentence))
    const orphans = orphansOf(state.path)
    if (orphans.length > 0) process.emitWarning(sayOrphans(state.path, orphans))
  }
  yield* boot
  yield* booted
  return control
})

/** `run` as a layer: the tree runs as long as the layer. */
export const layer = (spec: TreeSpec, options: RunOptions = {}): Layer.Layer<Control, NotRun> => Layer.effect(Control, run(spec, options))
