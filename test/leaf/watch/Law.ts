/** What must hold of the watch over a process, of the real one and of none that is broken: the tests and the planted bugs ask the same. */
import type * as LagModule from "../../../src/leaf/EventLoopLag.ts"
import type * as HeartModule from "../../../src/leaf/watch/HeartbeatMonitor.ts"
import type * as MatchesModule from "../../../src/leaf/watch/OutputMatcher.ts"
import type * as ProberModule from "../../../src/leaf/watch/Prober.ts"
import type * as TallyModule from "../../../src/leaf/watch/ThresholdCounter.ts"
import type * as WatchModule from "../../../src/leaf/watch/WorkerMonitor.ts"
import type * as MonitorModule from "../../../src/runtime/kernel/Monitor.ts"

export type Watching = Pick<typeof LagModule, "EventLoopLag"> &
  Pick<typeof HeartModule, "HeartbeatMonitor"> &
  Pick<typeof MatchesModule, "OutputMatcher"> &
  Pick<typeof ProberModule, "Prober"> &
  Pick<typeof TallyModule, "ThresholdCounter"> &
  Pick<typeof WatchModule, "WorkerMonitor"> &
  Pick<typeof MonitorModule, "monitor">

export interface Law {
  readonly title: string
  /** Throws or rejects when it does not. */
  readonly holds: (watching: Watching) => void | Promise<void>
}

/** The files of a copy of `src` in which it is. */
export const files: ReadonlyArray<string> = [
  "leaf/Lag.ts",
  "leaf/watch/Heart.ts",
  "leaf/watch/Matches.ts",
  "leaf/watch/Prober.ts",
  "leaf/watch/Tally.ts",
  "leaf/watch/Watch.ts",
  "runtime/Monitor.ts"
]

/** Of the copy at this URL. */
export const load = async (folder: string): Promise<Watching> =>
  Object.assign({}, ...(await Promise.all(files.map((file) => import(new URL(file, folder).href)))))
