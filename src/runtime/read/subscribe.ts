/** What somebody who watches a tree has not read yet: bounded, so that whoever reads slowly, or not at all, costs no more than that. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { hasEnded } from "../../core/Machine.ts"
import type { Kernel } from "../kernel/Kernel.ts"
import type { TreeEvent } from "./TreeEvent.ts"

/** So many events a slow watcher may lag behind before it loses the oldest; `seq` shows the gap. */
const LAG = 16_384
/** So many lines of output, and so many characters of them, before it gets no more of them for a while. */
const LAG_LINES = 1024
const LAG_TEXT = 1024 * 1024

/** With the length of its text, if it is output. */
interface Seen<A> {
  readonly item: A
  readonly text: number
}

type Line = Extract<TreeEvent, { readonly _tag: "Line" }>

/**
 * What a watcher makes, at once, of everything that happens from now on until the tree has ended. Where lines are missing it sees a
 * `Dropped` that counts them.
 */
export const subscribe = <A>(
  kernel: Kernel,
  see: (event: TreeEvent) => A | undefined
): Effect.Effect<Stream.Stream<A>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const queue = yield* Queue.unbounded<Seen<A>, Cause.Done>()
    let waiting = 0
    let dropped: Extract<TreeEvent, { readonly _tag: "Dropped" }> | undefined

    const offer = (event: TreeEvent): void => {
      const item = see(event)
      if (item === undefined) return
      if (Queue.sizeUnsafe(queue) >= LAG) {
        const oldest = Queue.takeUnsafe(queue)
        if (oldest?._tag === "Success") waiting -= oldest.value.text
      }
      const text = event._tag === "Line" ? event.text.length : 0
      waiting += text
      Queue.offerUnsafe(queue, { item, text })
    }
    const drop = ({ path, incarnation, seq, at, text }: Line): void => {
      const { lines = 0, bytes = 0 } = dropped ?? {}
      // One remark for all: of several workers it can only be said that they are below the root.
      const whose = dropped === undefined || dropped.path === path ? { path, incarnation } : rootOf(kernel)
      dropped = { _tag: "Dropped", ...whose, seq, at, lines: lines + 1, bytes: bytes + Buffer.byteLength(text) }
    }
    const told = (event: TreeEvent): void => {
      if (event._tag === "Line" && (Queue.sizeUnsafe(queue) > LAG_LINES || waiting + event.text.length > LAG_TEXT)) return drop(event)
      if (dropped !== undefined) offer(dropped)
      dropped = undefined
      offer(event)
      if (event._tag === "Ended") Queue.endUnsafe(queue)
    }
    const unwatch = kernel.observe({ told })
    if (hasEnded(kernel.state)) Queue.endUnsafe(queue)
    yield* Effect.addFinalizer(() => Effect.sync(unwatch))
    return Stream.map(Stream.fromQueue(queue), ({ item, text }) => {
      waiting -= text
      return item
    })
  })

const rootOf = ({ state }: Kernel) => ({ path: state.rootPath, incarnation: 1 })
