/** Two looks at a process into one word, and into a sentence for a person: what did it do in between? */
import { sayDuration } from "../../tree/duration.ts"
import { TICK_MS } from "./proc.ts"
import type { ProcessSample, Seen } from "./sample.ts"

/** `unknown`: the machine does not let us look. */
type Doing = "gone" | "zombie" | "stopped" | "uninterruptible" | "starved" | "spinning" | "blocked" | "working" | "unknown"

/** Who waited for a CPU for half of the time, or was held back by the quota of its control group, can hardly be blamed for being late. */
const STARVED = 0.5
/** On a CPU for so much of the time in which it had not to wait for one: it does nothing but compute. */
const SPINNING = 0.8
/** Who waits for something uses nothing; a runtime that collects garbage beside it uses a little. */
const BLOCKED = 0.02

interface Use {
  readonly spanMs: number
  readonly cpuMs: number
  readonly waitedMs: number
  readonly throttledMs: number
}

/**
 * What the process is doing, from a look `before` and one `after` that. States are momentary: the further the looks are apart, the more is
 * it worth; below 100 ms the ticks of the CPU time are too coarse to tell spinning from working.
 */
export function activityBetween(before: ProcessSample, after: ProcessSample): Doing {
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
  const doing = activityBetween(before, after)
  if (doing === "gone") return "is gone"
  if (doing === "unknown" || after._tag !== "Seen") return "cannot be looked at on this machine"
  const { process } = after
  if (doing === "zombie") return `has ended and was not waited for (state ${process.state})`
  if (doing === "stopped") return `is stopped (state ${process.state})`
  const { spanMs, cpuMs, waitedMs, throttledMs } = use(before, after)
  const used = `${sayDuration(cpuMs)} of CPU in ${sayDuration(spanMs)}`
  switch (doing) {
    case "uninterruptible":
      return `sleeps${where(process)} where no signal reaches it (state D)`
    case "starved":
      return throttledMs > waitedMs
        ? `is held back: the quota of its control group was used up for ${sayDuration(throttledMs)} of ${sayDuration(spanMs)}`
        : `is starved: it could run and waited for a CPU for ${sayDuration(waitedMs)} of ${sayDuration(spanMs)}`
    case "spinning":
      return `spins: used ${used}`
    case "blocked":
      return `waits${where(process)} and uses no CPU`
    case "working":
      return `works: used ${used}`
  }
}

/** What grew from the one look to the other. Never below zero, also where the looks come in the wrong order or a value is missing. */
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

const where = ({ waitsIn }: Seen): string => (waitsIn === undefined ? "" : ` in ${waitsIn}`)
