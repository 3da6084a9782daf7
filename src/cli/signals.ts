/**
 * The signals that supervise itself receives: docs/running.md has the table. Those that ask a program to end stop the
 * tree in order; SIGINT while it stops kills it at once. Before there is a tree they end supervise.
 *
 * What is not here either cannot be caught, or is left to the spawner, which kills all leaves before we die of it.
 */
import { constants } from "node:os"
import { isatty } from "node:tty"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { errors } from "./print/errors.ts"

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

const ASKS_TO_END = [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
  "SIGPWR",
  "SIGXCPU",
  "SIGALRM",
  "SIGVTALRM",
  "SIGIO",
  "SIGPOLL", // the same as SIGIO, but listeners are counted by name
  "SIGSTKFLT",
  "SIGPROF"
] as const
/** What Node does on its own would be worse: SIGUSR1 opens a debugger to every user of the machine, SIGUSR2 ends us. */
const WITHOUT_MEANING = ["SIGUSR1", "SIGUSR2"] as const
type Ending = (typeof ASKS_TO_END)[number]

/** One Ctrl-C may arrive twice: from the terminal, and from a wrapper that passes it on. */
const SAME_WISH_MS = 300

/** Listens until its scope closes. */
export const listen: Effect.Effect<Signals, never, Scope.Scope> = Effect.gen(function* () {
  const early = yield* Deferred.make<number>()
  let tree: Stoppable | undefined
  let stoppedAt: number | undefined
  let forced = false
  let isEarly = false

  const stopOrKill = (signal: Ending): void => {
    if (tree === undefined) {
      isEarly = true
      Deferred.doneUnsafe(early, Effect.succeed(128 + constants.signals[signal]))
    } else if (stoppedAt === undefined) {
      stoppedAt = performance.now()
      tree.stop()
    } else if (signal === "SIGINT" && performance.now() - stoppedAt > SAME_WISH_MS) {
      forced = true
      tree.kill()
    }
  }

  yield* Effect.forEach(WITHOUT_MEANING, (signal) => on(signal, () => say(signal, "it means nothing to supervise")))
  for (const signal of ASKS_TO_END) {
    if (signal === "SIGPROF" && isProfiled()) continue
    const isHangup = signal === "SIGHUP" && !hasTerminal()
    yield* on(signal, isHangup ? () => say(signal, "supervise was started without a terminal") : () => stopOrKill(signal))
  }
  /** A signal may have come after `early` was last checked. */
  const attach = (attached: Stoppable): void => {
    tree = attached
    if (isEarly) stopOrKill("SIGTERM")
  }
  return { attach, early: Deferred.await(early), forced: () => forced }
})

const on = (signal: NodeJS.Signals, listener: () => void) =>
  Effect.acquireRelease(
    Effect.sync(() => process.on(signal, listener)),
    () => Effect.sync(() => process.off(signal, listener))
  )

const say = (signal: NodeJS.Signals, because: string): void => errors.line(`${signal} was ignored: ${because}. SIGTERM stops the tree.`)

/**
 * When a terminal is closed, its programs get SIGHUP, except those started with `nohup`. As Node forgets that SIGHUP
 * was ignored, we go by what `nohup` also does: no standard stream of its program is a terminal.
 */
const hasTerminal = (): boolean => [0, 1, 2].some((fd) => isatty(fd))

/** Node's profiler works by SIGPROF. */
const isProfiled = (): boolean => [...process.execArgv, process.env.NODE_OPTIONS ?? ""].some((option) => /--(cpu-)?prof/.test(option))
