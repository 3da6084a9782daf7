/** A tree that is assembled and boots, for tests that look inside. */
import * as Effect from "effect/Effect"
import { type Assembled, type AssembleOptions, assemble } from "../../src/runtime/assemble.ts"
import type { TreeEvent } from "../../src/runtime/read/TreeEvent.ts"
import type { SourceMap } from "../../src/tree/SourceMap.ts"
import type { Tree } from "../../src/tree/Spec.ts"

export type Launched = Assembled

/** `see` gets everything that happens, from the first event on. */
export const launch = Effect.fnUntraced(function* (
  tree: Tree,
  options: AssembleOptions & { readonly origin?: SourceMap } = {},
  see: (event: TreeEvent) => void = () => {}
) {
  const assembled = yield* assemble(tree, options)
  assembled.control.observe(see)
  yield* assembled.boot
  return assembled
})
