/** Compares two samples of a process: one word for what it did in between, and a sentence. */
import { sayDuration } from "../../tree/duration.ts"
import { TICK_MS } from "./proc.ts"
import type { ProcessSample, Seen } from "./sample.ts"

/** `unknown`: this machine does not let us inspect the process. */
type Activity = "gone" | "zombie" | "stopped" | "uninterruptible" | "starved" | "spinning" | "blocked" | "working" | "unknown"

/** Share of the time it waited for a CPU, or was throttled by its cgroup, from which being late is not its fault. */
const STARVED = 0.5
/** Share of the time it could have run that it was on a CPU, from which it does nothing but compute. */
const SPINNING = 0.8
/** A blocked process uses no CPU. A runtime that collects garbage meanwhile uses a little. */
const BLOCKED = 0.02

interface Use {
  readonly spanMs: number
  readonly cpuMs: number
  readonly waitedMs: number
  readonly throttledMs: number
}

/**
 * What the process did between the samples `before` and `after`. States are momentary: the further apart the samples,
 * the better. Below 100 ms the ticks of CPU time are too coarse to tell spinning from working.
 */
export function activityBetween(before: ProcessSample, after: ProcessSample): Activity {
  if (after._tag === "Gone") return "gone"
  if (after._tag === "Unknown") return "unknown"
  const { state, alive } = after.process
  if (!alive) return "zombie"
  if (/^[Tt]/.test(state)) return "stopped"
  if (before._tag !== "Seen") return "unknown"
  const { spanMs, cpuMs, waitedMs, throttledMs } = use(before, after)
  // One clock tick more may be rounding.
  const idle = cpuMs <= Math.max(TICK_MS, spanMs * BLOCKED)
  if (state === "D" && idle) return "uninterruptible"
  if (Math.max(waitedMs, throttledMs) >= spanMs * STARVED) return "starved"
  if (!idle && cpuMs >= (spanMs - waitedMs) * SPINNING) return "spinning"
  return idle && state !== "R" ? "blocked" : "working"
}

/** Completes "it …". */
export function describeActivity(before: ProcessSample, after: ProcessSample): string {
  const activity = activityBetween(before, after)
  if (activity === "gone") return "is gone"
  if (activity === "unknown" || after._tag !== "Seen") return "cannot be inspected on this machine"
  const { process } = after
  if (activity === "zombie") return `is a zombie: it has ended, and its parent has not waited for it (state ${process.state})`
  if (activity === "stopped") return `is stopped (state ${process.state})`
  const { spanMs, cpuMs, waitedMs, throttledMs } = use(before, after)
  const used = `${sayDuration(cpuMs)} of CPU in ${sayDuration(spanMs)}`
  switch (activity) {
    case "uninterruptible":
      return `is in uninterruptible sleep${inKernel(process)} (state D)`
    case "starved":
      return throttledMs > waitedMs
        ? `is throttled: the CPU quota of its cgroup was used up for ${sayDuration(throttledMs)} of ${sayDuration(spanMs)}`
        : `is starved: it waited for a CPU for ${sayDuration(waitedMs)} of ${sayDuration(spanMs)}`
    case "spinning":
      return `spins: used ${used}`
    case "blocked":
      return `waits${inKernel(process)} and uses no CPU`
    case "working":
      return `works: used ${used}`
  }
}

/** What grew between the samples. Never negative, even if the samples are in the wrong order or a value is missing. */
function use(before: ProcessSample, after: ProcessSample): Use {
  const grown = (value: (seen: Seen) => number | undefined): number =>
    before._tag === "Seen" && after._tag === "Seen" ? Math.max(0, (value(after.process) ?? 0) - (value(before.process) ?? 0)) : 0
  return {
    spanMs: Math.max(1, after.at - before.at),
    cpuMs: grown(({ cpuMs }) => cpuMs),
    waitedMs: grown(({ waitedMs }) => waitedMs),
    throttledMs: grown(({ throttledMs }) => throttledMs)
  }
}

/** Where in the kernel it sleeps, if known. */
const inKernel = ({ waitsIn }: Seen): string => (waitsIn === undefined ? "" : ` in ${waitsIn}`)
