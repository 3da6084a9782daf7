/**
 * The signals that supervise itself receives. SIGINT, SIGTERM and SIGHUP stop the tree in order; SIGINT while it stops
 * kills it at once. Before there is a tree they end supervise.
 */
import { readFileSync } from "node:fs"
import { constants } from "node:os"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

export interface Stoppable {
  readonly stop: () => void
  readonly kill: () => void
}

interface Signals {
  /** From now on signals stop this tree. */
  readonly attach: (tree: Stoppable) => void
  /** The exit code for a signal that comes before there is a tree. */
  readonly early: Effect.Effect<number>
  /** Whether the operator pressed Ctrl-C a second time. */
  readonly forced: () => boolean
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
type Signal = (typeof signals)[number]

/** `nohup` makes us ignore SIGHUP; on Linux /proc says so. */
function isIgnored(signal: Signal): boolean {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0"
    return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n
  } catch {
    return false
  }
}

/** Listens until its scope closes. */
export const listen: Effect.Effect<Signals, never, Scope.Scope> = Effect.gen(function* () {
  const early = yield* Deferred.make<number>()
  let tree: Stoppable | undefined
  let stopping = false
  let forced = false
  let isEarly = false

  const receive = (signal: Signal): void => {
    if (tree === undefined) {
      isEarly = true
      Deferred.doneUnsafe(early, Effect.succeed(128 + constants.signals[signal]))
    } else if (!stopping) {
      stopping = true
      tree.stop()
    } else if (signal === "SIGINT") {
      forced = true
      tree.kill()
    }
  }
  const received = signals.filter((signal) => signal !== "SIGHUP" || !isIgnored(signal))
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      for (const signal of received) process.on(signal, receive)
    }),
    () =>
      Effect.sync(() => {
        for (const signal of received) process.off(signal, receive)
      })
  )
  /** A signal may have come after `early` was last checked. */
  const attach = (attached: Stoppable): void => {
    tree = attached
    if (isEarly) receive("SIGTERM")
  }
  return { attach, early: Deferred.await(early), forced: () => forced }
})
