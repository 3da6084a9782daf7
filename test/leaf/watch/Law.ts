/** What must hold for the monitors of a process: for the real ones, and for none that has a planted bug. */
import type * as LagModule from "../../../src/leaf/EventLoopLag.ts"
import type * as HeartbeatModule from "../../../src/leaf/watch/HeartbeatMonitor.ts"
import type * as MatcherModule from "../../../src/leaf/watch/OutputMatcher.ts"
import type * as ProberModule from "../../../src/leaf/watch/Prober.ts"
import type * as CounterModule from "../../../src/leaf/watch/ThresholdCounter.ts"
import type * as WorkerModule from "../../../src/leaf/watch/WorkerMonitor.ts"
import type * as MonitorModule from "../../../src/runtime/kernel/Monitor.ts"

export type Monitors = Pick<typeof LagModule, "EventLoopLag"> &
  Pick<typeof HeartbeatModule, "HeartbeatMonitor"> &
  Pick<typeof MatcherModule, "OutputMatcher"> &
  Pick<typeof ProberModule, "Prober"> &
  Pick<typeof CounterModule, "ThresholdCounter"> &
  Pick<typeof WorkerModule, "WorkerMonitor"> &
  Pick<typeof MonitorModule, "monitor">

export interface Law {
  readonly title: string
  /** Throws or rejects if it does not hold. */
  readonly holds: (watching: Monitors) => void | Promise<void>
}

/** The files of `src` that are tested. */
export const files: ReadonlyArray<string> = [
  "leaf/EventLoopLag.ts",
  "leaf/watch/HeartbeatMonitor.ts",
  "leaf/watch/OutputMatcher.ts",
  "leaf/watch/Prober.ts",
  "leaf/watch/ThresholdCounter.ts",
  "leaf/watch/WorkerMonitor.ts",
  "runtime/kernel/Monitor.ts"
]

/** Loads them from the copy of `src` at this URL. */
export const load = async (folder: string): Promise<Monitors> =>
  Object.assign({}, ...(await Promise.all(files.map((file) => import(new URL(file, folder).href)))))
