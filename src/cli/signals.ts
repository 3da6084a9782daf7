/**
 * What the person at the terminal, or whoever started us, tells by signals. SIGINT, SIGTERM and SIGHUP stop the tree in order; SIGINT while
 * it stops kills it at once. Before there is a tree they end us.
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

interface Orders {
  /** From now on signals concern this tree. */
  readonly concern: (tree: Stoppable) => void
  /** A signal that came before there was a tree: the exit code it asks for. */
  readonly early: Effect.Effect<number>
  /** Did the operator not want to wait? */
  readonly forced: () => boolean
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
type Heard = (typeof signals)[number]

/** `nohup` asks us not to hear SIGHUP; Linux tells us so. */
function isIgnored(signal: Heard): boolean {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0"
    return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n
  } catch {
    return false
  }
}

/** Listens until its scope closes. */
export const listen: Effect.Effect<Orders, never, Scope.Scope> = Effect.gen(function* () {
  const early = yield* Deferred.make<number>()
  let tree: Stoppable | undefined
  let stopping = false
  let forced = false
  let heard = false

  const hear = (signal: Heard): void => {
    if (tree === undefined) {
      heard = true
      Deferred.doneUnsafe(early, Effect.succeed(128 + constants.signals[signal]))
    } else if (!stopping) {
      stopping = true
      tree.stop()
    } else if (signal === "SIGINT") {
      forced = true
      tree.kill()
    }
  }
  const heardOf = signals.filter((signal) => signal !== "SIGHUP" || !isIgnored(signal))
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      for (const signal of heardOf) process.on(signal, hear)
    }),
    () =>
      Effect.sync(() => {
        for (const signal of heardOf) process.off(signal, hear)
      })
  )
  /** A signal may have come between the last look at `early` and now. */
  const concern = (concerned: Stoppable): void => {
    tree = concerned
    if (heard) hear("SIGTERM")
  }
  return { concern, early: Deferred.await(early), forced: () => forced }
})
