/** Which logs cannot be written at present. */
import type { Kernel } from "../kernel/Kernel.ts"
import { RecentMap } from "../RecentMap.ts"

/** Of more paths only those that have failed last. */
const PATHS_MOST = 1_000

/** `errno`: the system's error. `since`: in milliseconds since 1970. */
export interface FailingLog {
  readonly errno: string
  readonly since: number
}

/** By path. */
export function rememberFailingLogs(kernel: Pick<Kernel, "observe">): Pick<RecentMap<string, FailingLog>, "get"> {
  const failing = new RecentMap<string, FailingLog>(PATHS_MOST)
  kernel.observe({
    told: (event) => {
      if (event._tag === "LogFailed") failing.set(event.path, { errno: event.errno, since: event.at })
      if (event._tag === "LogResumed" || event._tag === "Removed") failing.delete(event.path)
    }
  })
  return failing
}
