/** A running tree for programs without Effect, in promises and async iterables: the same whether it runs here or in another process. */
import type { SignalName, Snapshot, Up, Why } from "./Control.ts"
import type { TreeEvent } from "./TreeEvent.ts"

/** Commands reject with `Refused`, whose `why` is one of OTP's refusals and whose `message` is a sentence. */
export interface TreeClient extends AsyncDisposable {
  /** The path of the root. */
  readonly root: string
  readonly snapshot: () => Promise<Snapshot>
  /** The last 1,000 events, and then everything that happens until the tree has ended; lines of output from now on, if asked for. */
  readonly events: (options?: { readonly output?: boolean }) => AsyncIterable<TreeEvent>
  /** Why a node is as it is, and the last decisions about it; as many as `last` says. */
  readonly why: (path: string, options?: { readonly last?: number }) => Promise<Why>
  /** With a path: puts that child on hold. Without: stops the whole tree, in reverse order. Resolves when it is down. */
  readonly stop: (path?: string) => Promise<void>
  readonly start: (path: string) => Promise<Up>
  readonly restart: (path: string) => Promise<Up>
  readonly signal: (path: string, signal: SignalName, to?: "leader" | "group") => Promise<void>
  readonly scale: (path: string, size: number) => Promise<void>
}
