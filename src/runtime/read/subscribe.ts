/** Events that a subscriber has not read yet, in a bounded queue: a slow reader costs no more than that. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { hasEnded } from "../../core/Machine.ts"
import type { Kernel } from "../kernel/Kernel.ts"
import type { TreeEvent } from "./TreeEvent.ts"

/** With more unread events the oldest are lost; `seq` shows the gap. */
const UNREAD_EVENTS_MAX = 16_384
/** With more unread events, or more unread text, lines of output are dropped and counted. */
const UNREAD_BEFORE_DROPPING_LINES = 1024
const UNREAD_CHARACTERS_MAX = 1024 * 1024

/** `text`: its length, if it is a line of output. */
interface Unread<A> {
  readonly item: A
  readonly text: number
}

type Line = Extract<TreeEvent, { readonly _tag: "Line" }>

interface Subscription<A> {
  /** Lines of output are wanted. Default true. */
  readonly output?: boolean
  /** What comes first: what there is at present. Default nothing. */
  readonly before?: () => ReadonlyArray<A>
}

/**
 * What there is now, and then everything that happens until the tree has ended, as `see` maps it when it happens, with
 * nothing missing or twice in between. Missing lines are counted in a `Dropped`.
 */
export const subscribe = <A>(
  kernel: Kernel,
  see: (event: TreeEvent) => A | undefined,
  { output = true, before = () => [] }: Subscription<A> = {}
): Effect.Effect<Stream.Stream<A>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const queue = yield* Queue.unbounded<Unread<A>, Cause.Done>()
    let unreadCharacters = 0
    let dropped: Extract<TreeEvent, { readonly _tag: "Dropped" }> | undefined

    const offer = (event: TreeEvent): void => {
      const item = see(event)
      if (item === undefined) return
      if (Queue.sizeUnsafe(queue) >= UNREAD_EVENTS_MAX) {
        const oldest = Queue.takeUnsafe(queue)
        if (oldest?._tag === "Success") unreadCharacters -= oldest.value.text
      }
      const text = event._tag === "Line" ? event.text.length : 0
      unreadCharacters += text
      Queue.offerUnsafe(queue, { item, text })
    }
    const isBehind = ({ text }: Line): boolean =>
      Queue.sizeUnsafe(queue) > UNREAD_BEFORE_DROPPING_LINES || unreadCharacters + text.length > UNREAD_CHARACTERS_MAX
    const drop = ({ path, incarnation, seq, at, text }: Line): void => {
      const { lines = 0, bytes = 0 } = dropped ?? {}
      // One event for all of them: lines of several workers are reported for the root.
      const whose = dropped === undefined || dropped.path === path ? { path, incarnation } : rootOf(kernel)
      dropped = { _tag: "Dropped", ...whose, seq, at, lines: lines + 1, bytes: bytes + Buffer.byteLength(text) }
    }
    const told = (event: TreeEvent): void => {
      if (event._tag === "Line" && !output) return
      if (event._tag === "Line" && isBehind(event)) return drop(event)
      if (dropped !== undefined) offer(dropped)
      dropped = undefined
      offer(event)
      if (event._tag === "Ended") Queue.endUnsafe(queue)
    }
    const unwatch = kernel.observe({ told, wantsOutput: output })
    const first = before()
    if (hasEnded(kernel.state)) Queue.endUnsafe(queue)
    yield* Effect.addFinalizer(() => Effect.sync(unwatch))
    const later = Stream.map(Stream.fromQueue(queue), ({ item, text }) => {
      unreadCharacters -= text
      return item
    })
    return Stream.concat(Stream.fromIterable(first), later)
  })

const rootOf = ({ state }: Kernel) => ({ path: state.rootPath, incarnation: 1 })
