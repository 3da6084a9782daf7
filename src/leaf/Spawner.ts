/**
 * The port to one operating-system process: commands go in, numbered events come out.
 *
 * Commands are idempotent by `(path, incarnation)`: a repeated `spawn` starts nothing and repeats what became of the first, a repeated
 * `stop` changes nothing unless it is harsher. Every event is kept until it is acknowledged, and told again to whoever attaches later:
 * a brain that dies and comes back misses nothing. That is why nothing here is a promise or a handle.
 *
 * The spawner promises: for each spawn exactly one of `NotStarted` and `Spawned`; after `Spawned` at most one `Ready`, and exactly one
 * `Exited`, which comes last and only when no member of the process group is alive.
 */
import type { Shutdown, Signal } from "../tree/Spec.ts"

/** One life of one leaf. */
export interface Life {
  readonly path: string
  readonly incarnation: number
}

/**
 * By what the spawner itself sees that a process is ready: as soon as it runs, a line on stdout that matches, a newline on a descriptor. Of
 * `none` it says nothing: whoever gave the command finds out for himself, by a probe or from the exit.
 */
export type Sign =
  | { readonly type: "spawned" }
  | { readonly type: "none" }
  | { readonly type: "line"; readonly pattern: string }
  | { readonly type: "fd"; readonly fd: number }

export interface SpawnCommand extends Life {
  readonly argv: readonly [string, ...ReadonlyArray<string>]
  /** Absolute. */
  readonly cwd: string
  /**
   * Merged over the spawner's own; null removes a variable. `SUPERVISE_PATH` and `SUPERVISE_INCARNATION` are added, `SUPERVISE_FD` where it
   * is to say something on a descriptor, and `SUPERVISE_BEAT_MS` where that is heartbeats.
   */
  readonly env: { readonly [name: string]: string | null }
  readonly ready: Sign
  /**
   * It is to write a heartbeat so often, in milliseconds: on the descriptor of readiness, which is opened for this alone (number 3) where
   * readiness comes another way. Left out: it is not asked for any.
   */
  readonly beatMs?: number | undefined
  /** What asks it to stop, and how long what is left of its group may take when the leader ends by itself. */
  readonly stopSignal: Signal
  readonly shutdown: Shutdown
}

export type LeafEvent =
  /** It runs. `startTime`: clock ticks since boot from /proc, which with the pid names the process; 0 where unknown. */
  | (LeafNews & { readonly _tag: "Spawned"; readonly pid: number; readonly startTime: number })
  /**
   * It never ran. `errno` is the system's (ENOENT, EACCES, EMFILE …), or ours: BADCWD (its folder), BADREADY (readiness that can never
   * come), BUSY (an older incarnation has not ended), STOPPED (a stop came before its turn to start), CLOSED (everything is being
   * killed). `message` is for a person, and completes "it could not be started: …".
   */
  | (LeafNews & { readonly _tag: "NotStarted"; readonly errno: string; readonly message: string })
  | (LeafNews & { readonly _tag: "Ready" })
  /** One line of output without its newline. `continues`: the line was too long, its next piece is the next event of this stream. */
  | (LeafNews & { readonly _tag: "Line"; readonly stream: "stdout" | "stderr"; readonly text: string; readonly continues: boolean })
  /** So many lines, which came after those told before, were not kept, because nobody acknowledged in time. `bytes` without newlines. */
  | (LeafNews & { readonly _tag: "Dropped"; readonly lines: number; readonly bytes: number })
  /** Its leader has ended, and members of its group have not: they are stopped, and `Exited` comes when they are gone. */
  | (LeafNews & { readonly _tag: "LeaderEnded"; readonly code: number | undefined; readonly signal: string | undefined })
  /** These members of its group do not die of SIGKILL; we go on waiting. Told again when they become others; empty where unknown. */
  | (LeafNews & { readonly _tag: "Blocked"; readonly pids: ReadonlyArray<number> })
  | (LeafNews & ProcessEnd & { readonly _tag: "Exited" })

/** Its code, or the signal that ended it: one of the two, so that nobody has to guess what neither would mean. */
export type ProcessEnd = { readonly code: number; readonly signal: undefined } | { readonly code: undefined; readonly signal: string }

/**
 * Hears heartbeats, in the turn of the loop in which they are read: it must be quick, and must not throw. They are neither numbered nor
 * kept, as they are many and worth nothing later.
 */
export interface BeatListener {
  /**
   * Both times are milliseconds of CLOCK_MONOTONIC. `sentAtMs` is what the sender says, and undefined if it says nothing: it may be wrong.
   * Beats come between the life's `Spawned` and its `Exited`.
   */
  readonly beat: (life: Life, receivedAtMs: number, sentAtMs: number | undefined) => void
  /** Everybody who could write beats of this life has closed the descriptor, and the process lives: no more will come. That is no death. */
  readonly lost: (life: Life) => void
}

interface LeafNews extends Life {
  /** Counts up by one from event to event of this spawner. */
  readonly n: number
  /** When it was seen, in milliseconds of CLOCK_MONOTONIC, which all processes of a boot have in common. */
  readonly at: number
}

export interface Spawner {
  /** From now on every event that is not acknowledged goes to this one sink, the kept ones first, in order. */
  readonly attach: (sink: (event: LeafEvent) => void) => void
  /** Events up to and including this number need not be kept any longer. */
  readonly acknowledge: (n: number) => void
  /** From now on heartbeats go to this one listener, and those of before to nobody. */
  readonly onBeats: (listener: BeatListener) => void
  /** The start comes later, in order. An incarnation that is not higher than all before it at its path is taken for a repetition. */
  readonly spawn: (command: SpawnCommand) => void
  /** Sends one signal, and calls `sent` once: with false when there is no such incarnation any more. */
  readonly signal: (life: Life, signal: Signal, to: "leader" | "group", sent: (isSent: boolean) => void) => void
  /**
   * The stop signal to the group (and SIGCONT, or a stopped process would not hear it), then SIGKILL when `how` milliseconds have
   * passed; at once for `brutalKill`, never for `infinity`. Of several stops the one that kills first holds.
   */
  readonly stop: (life: Life, how: Shutdown) => void
  /** SIGKILL to every group that still lives, synchronously, and no start any more: for the moment before our own process ends. */
  readonly killAll: () => void
}
