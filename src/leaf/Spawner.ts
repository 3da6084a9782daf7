/**
 * The port to operating-system processes: commands go in, numbered events come out.
 *
 * Commands are idempotent by `(path, incarnation)`: a repeated `spawn` starts nothing and repeats what became of the
 * first, a repeated `stop` changes nothing unless it kills earlier. Each event is kept until it is acknowledged, and
 * delivered again to a sink that attaches later, so a kernel that restarts misses nothing. That is why nothing here is
 * a promise or a handle.
 *
 * The spawner promises: for each spawn exactly one of `NotStarted` and `Spawned`; after `Spawned` at most one `Ready`,
 * and exactly one `Exited`, which comes last (only of its log may more be heard) and only when no member of the process
 * group is alive, and none that has left it and still has `SUPERVISE_SUPERVISOR`, its path and its incarnation in its
 * environment.
 */
import type { Incarnation, Usage } from "../core/Event.ts"
import type { Shutdown, Signal, Stdin, StopTo, WhenFull } from "../tree/Spec.ts"

/**
 * How the spawner knows that a process is ready: as soon as it runs, by a matching line of its output, by a newline on
 * a descriptor, or by sd_notify, which only the keeper receives. `none`: it does not report readiness. The caller finds
 * out by a probe, or from the exit.
 */
export type Sign =
  | { readonly type: "spawned" }
  | { readonly type: "none" }
  | { readonly type: "line"; readonly pattern: string }
  | { readonly type: "fd"; readonly fd: number }
  | { readonly type: "notify" }

/** The files that a leaf's output is written to; see keeper/PROTOCOL.md. */
export interface LogFiles {
  /** Absolute. It is made if it is missing, the folders above it are not. */
  readonly folder: string
  /** A file that would become larger is rotated. */
  readonly fileBytes: number
  /** How many files are kept beside the one that is written. */
  readonly files: number
  /** Of all files; 0: no limit. */
  readonly totalBytes: number
  /** A file whose first line is older is rotated; 0: never. */
  readonly ageSeconds: number
  readonly whenFull: WhenFull
}

export interface SpawnCommand extends Incarnation {
  readonly argv: readonly [string, ...ReadonlyArray<string>]
  /** Absolute. */
  readonly cwd: string
  /**
   * Merged over the spawner's own environment; null removes a variable. The spawner adds `SUPERVISE_PATH` and
   * `SUPERVISE_INCARNATION`; `SUPERVISE_FD` if the process is to report on a descriptor, and `SUPERVISE_BEAT_MS` if it
   * is to send heartbeats there; for sd_notify `NOTIFY_SOCKET`, and `WATCHDOG_USEC` and `WATCHDOG_PID`.
   */
  readonly env: { readonly [name: string]: string | null }
  readonly ready: Sign
  /**
   * The interval of its heartbeats, in milliseconds; left out: none. They come on the descriptor of readiness, or on
   * descriptor 3 if readiness comes another way; or by sd_notify.
   */
  readonly beatMs?: number | undefined
  /** Default `fd`. */
  readonly beatFrom?: "fd" | "notify"
  /** `null`: its input is at an end. `pipe`: it stays open, and nobody writes to it. */
  readonly stdin: Stdin
  /** The signal that asks it to stop, and how long the rest of its group may take when the leader ends by itself. */
  readonly stopSignal: Signal
  /** Who gets it. What is left when the leader has ended is killed at once if the signal is the leader's alone. */
  readonly stopTo: StopTo
  readonly shutdown: Shutdown
  /** Commands run beside it, as its checks: what they leave behind is its own. Default false. */
  readonly hasCommands?: boolean
  /** Where its output is also written. Left out: nowhere. Only the keeper writes files. */
  readonly log?: LogFiles | undefined
  /**
   * Its lines are needed for itself, whatever `wantOutput` says: as long as it runs, or until it is ready. Left out:
   * they are not; but if a line makes it ready, they are until then.
   */
  readonly output?: "always" | "untilReady" | undefined
}

export type LeafEvent =
  /**
   * It runs. `startTime` is in clock ticks since boot, from /proc; with the pid it identifies the process. 0 if
   * unknown.
   */
  | (LeafNews & { readonly _tag: "Spawned"; readonly pid: number; readonly startTime: number })
  /**
   * It never ran. `errno` is the system's (ENOENT, EACCES, EMFILE …), or ours: BADCWD (its folder), BADREADY (readiness
   * that can never come), BUSY (an earlier incarnation has not ended), STOPPED (stopped before its turn to start),
   * CLOSED (everything is being killed). `message` completes "it could not be started: …".
   */
  | (LeafNews & { readonly _tag: "NotStarted"; readonly errno: string; readonly message: string })
  | (LeafNews & { readonly _tag: "Ready" })
  /**
   * What it says of itself by sd_notify: its status, which is empty when it has none any more; and for how long from
   * now on it needs more time to become ready.
   */
  | (LeafNews & { readonly _tag: "Notified"; readonly status?: string; readonly extendMs?: number })
  /**
   * One line of output without its newline. `continues`: the line was too long, or stayed unfinished for a while, and
   * the next event of this stream continues it.
   */
  | (LeafNews & { readonly _tag: "Line"; readonly stream: "stdout" | "stderr"; readonly text: string; readonly continues: boolean })
  /**
   * Lines that followed those reported before and were dropped, because events were not acknowledged in time. `bytes`
   * does not count newlines.
   */
  | (LeafNews & { readonly _tag: "Dropped"; readonly lines: number; readonly bytes: number })
  /**
   * Its log cannot be written, because of this error of the system's, and this much is missing in it so far. It runs
   * on. Reported again only after `LogResumed`; both are about the log of the path, and may come after `Exited`.
   */
  | (LeafNews & { readonly _tag: "LogFailed"; readonly errno: string; readonly lines: number; readonly bytes: number })
  /** Its log is written again, and what could be kept is in it. This much is missing, and a line in it says so. */
  | (LeafNews & { readonly _tag: "LogResumed"; readonly lines: number; readonly bytes: number })
  /**
   * Its leader has ended, but others have not: members of its group, or processes that have left it. They are stopped;
   * `Exited` comes when they are gone. Not told if they were asked to stop as well, and do so in a moment.
   */
  | (LeafNews & { readonly _tag: "LeaderEnded"; readonly code?: number | undefined; readonly signal?: string | undefined })
  /**
   * These processes of it do not die of SIGKILL; we keep waiting. Reported again when they change; empty if
   * unknown.
   */
  | (LeafNews & { readonly _tag: "Blocked"; readonly pids: ReadonlyArray<number> })
  /**
   * Nothing of it is left. `strays`: the processes that had left its group, and were ended with it. Only the keeper
   * knows of `usage`, `dumped` (a core was dumped), and `outOfMemory`: the kernel has ended it because the memory of
   * its control group, or of the machine, was used up.
   */
  | (LeafNews &
      ProcessEnd & {
        readonly _tag: "Exited"
        readonly strays?: ReadonlyArray<number>
        readonly usage?: Usage
        readonly dumped?: true
        readonly outOfMemory?: "group" | "machine"
        /** It was killed because the spawner has lost its parent. */
        readonly isLost?: true
      })

/** Its exit code or the signal that ended it: exactly one of the two. */
export type ProcessEnd = { readonly code: number; readonly signal: undefined } | { readonly code: undefined; readonly signal: string }

/**
 * Receives heartbeats, in the event-loop turn in which they are read. It must be quick and must not throw. Heartbeats
 * are neither numbered nor kept: there are many, and they are worthless later.
 */
export interface BeatListener {
  /**
   * Both times are milliseconds of CLOCK_MONOTONIC. `sentAtMs` is what the sender claims, and may be wrong; undefined
   * if it sends none. Beats come between the leaf's `Spawned` and its `Exited`.
   */
  readonly beat: (leaf: Incarnation, receivedAtMs: number, sentAtMs: number | undefined) => void
  /**
   * All writers have closed the heartbeat descriptor and the process is alive: no more beats will come. It is not an
   * exit.
   */
  readonly lost: (leaf: Incarnation) => void
  /** It says itself that it has failed (`WATCHDOG=trigger`). */
  readonly failed: (leaf: Incarnation) => void
}

interface LeafNews extends Incarnation {
  /** Counts up by one from event to event of this spawner. */
  readonly n: number
  /** When it was seen, in milliseconds of CLOCK_MONOTONIC, the clock that all processes of a boot share. */
  readonly at: number
}

export interface Spawner {
  /** From now on all unacknowledged events go to this sink alone, the kept ones first, in order. */
  readonly attach: (sink: (event: LeafEvent) => void) => void
  /** Events up to and including this number need not be kept any longer. */
  readonly acknowledge: (n: number) => void
  /** From now on heartbeats go to this listener alone. Earlier ones are not delivered. */
  readonly onBeats: (listener: BeatListener) => void
  /**
   * Is the output of every leaf wanted, from now on? At first it is not. What is not wanted is read all the same, as no
   * process must wait for us, and need not be reported.
   */
  readonly wantOutput: (isWanted: boolean) => void
  /** Queues a start. An incarnation that is not higher than all before it at its path is taken for a repetition. */
  readonly spawn: (command: SpawnCommand) => void
  /** Sends one signal, and calls `sent` once: with false if there is no such incarnation any more. */
  readonly signal: (leaf: Incarnation, signal: Signal, to: "leader" | "group", sent: (isSent: boolean) => void) => void
  /**
   * Sends the stop signal to the group (and SIGCONT, as a stopped process would not receive it), then SIGKILL after
   * `how` milliseconds; at once for `brutalKill`, never for `infinity`. Of several stops the earliest SIGKILL counts.
   */
  readonly stop: (leaf: Incarnation, how: Shutdown) => void
  /**
   * Everything that was ordered so far goes out now, and not only at the end of the turn. Left out: every order does at
   * once.
   */
  readonly flush?: () => void
  /**
   * Sends SIGKILL to every group that is alive, synchronously, and starts nothing any more. For the moment before our
   * own process ends.
   */
  readonly killAll: () => void
}

/** A spawner with an end, for those that have made it. */
export interface OwnedSpawner extends Spawner {
  /** Kills everything, and reports nothing any more. */
  readonly close: () => void | Promise<void>
  /** How much waits for acknowledgement. */
  readonly kept: () => { readonly events: number; readonly bytes: number }
}
