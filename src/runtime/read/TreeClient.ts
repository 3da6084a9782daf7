/** A running tree as promises and async iterables, for programs without Effect: in this process or in another one. */
import type { SignalName, Snapshot, Up, Why } from "./Control.ts"
import type { TreeEvent } from "./TreeEvent.ts"
import type { WorkerUsage } from "./usage.ts"

/** Commands reject with `Refused`, whose `why` is one of OTP's refusals and whose `message` is a sentence. */
export interface TreeClient extends AsyncDisposable {
  /** The path of the root. */
  readonly root: string
  readonly snapshot: () => Promise<Snapshot>
  /**
   * The last 1,000 events, then everything that happens until the tree has ended. `output`: with lines of output, from
   * now on.
   */
  readonly events: (options?: { readonly output?: boolean }) => AsyncIterable<TreeEvent>
  /** Why a node is as it is, and the last decisions about it. */
  readonly why: (path: string, options?: { readonly last?: number }) => Promise<Why>
  /** What each worker that has a process uses of the machine, by itself and with all of its group. */
  readonly usage: () => Promise<ReadonlyArray<WorkerUsage>>
  /**
   * With a path: puts that child on hold. Without: stops the whole tree, in reverse order. Resolves when it is down.
   */
  readonly stop: (path?: string) => Promise<void>
  readonly start: (path: string) => Promise<Up>
  readonly restart: (path: string) => Promise<Up>
  readonly signal: (path: string, signal: SignalName, to?: "leader" | "group") => Promise<void>
  readonly scale: (path: string, size: number) => Promise<void>
}
