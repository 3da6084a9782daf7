/** Sentences about a tree, for people. Their words are part of the tested interface. */
import { sayDuration } from "../tree/duration.ts"
import type { Shutdown } from "../tree/Spec.ts"
import type { News } from "./Action.ts"
import type { PendingOn } from "./Decision.ts"
import type { Refusal } from "./Event.ts"
import type { Exit } from "./Exit.ts"

/** `http`, or among several of that kind `2nd http`: a check in a sentence. */
export const sayCheck = ({ probe, nth }: { readonly probe: string; readonly nth?: number }): string =>
  nth === undefined ? probe : `${nth}${SUFFIXES[ordinals.select(nth)]} ${probe}`
const ordinals = new Intl.PluralRules("en", { type: "ordinal" })
const SUFFIXES: { readonly [rule: string]: string } = { one: "st", two: "nd", few: "rd", other: "th" }

/** To a tenth. Beyond 1000 the digits mean nothing. */
const sayPhi = (phi: number): string => (phi >= 1000 ? "over 1000" : String(Math.round(phi * 10) / 10))

/** Follows "it …": how an incarnation ended. */
export function sayExit(exit: Exit): string {
  switch (exit._tag) {
    case "Code":
      return exit.code === 0 ? "finished (code 0)" : `exited with code ${exit.code}`
    case "Signal":
      return `was killed by ${exit.signal}${exit.dumped ? ", and dumped its core" : ""}${sayOutOfMemory(exit)}`
    case "Lost":
      return "ended with the keeper, its parent"
    case "NotStarted":
      return `could not be started: ${exit.message.replace(/\.$/, "")}`
    case "NotReady":
      return `was not ready after ${sayDuration(exit.afterMs)}${exit.because === undefined ? "" : `: ${exit.because}`}`
    case "Hung":
      return `hung: silent for ${sayDuration(exit.silenceMs)}, phi ${sayPhi(exit.phi)}${exit.evidence === "" ? "" : `; ${exit.evidence}`}`
    case "Unhealthy":
      return `was unhealthy: its ${sayCheck(exit)} check failed ${exit.failures === 1 ? "once" : `${exit.failures} times`}: ${exit.because}`
    case "CommonSilence":
      return `ended because ${exit.suspects} of its ${exit.of} children fell silent together: ${exit.cause.path} ${sayExit(exit.cause.exit)}`
    case "Shutdown":
      return "was shut down"
    case "Killed":
      return "was killed"
    case "GaveUp":
      return `gave up: more than ${exit.intensity} ${exit.intensity === 1 ? "restart" : "restarts"} in ${sayDuration(exit.periodMs)}`
    case "AllFailed":
      return `gave up: all that could have run has failed; ${exit.cause.path} ${sayExit(exit.cause.exit)}`
    case "AutoShutdown":
      return `ended because ${exit.by} had ended`
    case "BootFailed":
      return `could not boot, because ${exit.cause.path} ${sayExit(exit.cause.exit)}`
  }
}

function sayOutOfMemory({ outOfMemory }: Extract<Exit, { readonly _tag: "Signal" }>): string {
  if (outOfMemory === undefined) return ""
  return outOfMemory === "group" ? ": the memory of its control group was used up" : ": the memory of the machine was used up"
}

const sayFailedStart = (exit: Exit): string => (exit._tag === "NotStarted" ? sayExit(exit) : `did not start: it ${sayExit(exit)}`)

const sayHow = (how: Shutdown): string =>
  how === "brutalKill"
    ? "stopping, SIGKILL at once"
    : how === "infinity"
      ? "stopping, without a timeout"
      : `stopping, SIGKILL after ${sayDuration(how)}`

/** Follows the path of a pending child. */
export function sayPending(by: PendingOn): string {
  switch (by._tag) {
    case "Need":
      return `waits for ${by.path}`
    case "Breaker":
      return "waits for the breaker"
    case "Gate":
      return "waits for the start gate"
  }
}

/** SIGKILL has no effect on a process in an uninterruptible call, and none on one that we may not signal. */
export const sayBlocked = (pids: ReadonlyArray<number>): string =>
  `${pids.length === 0 ? "a process of its group" : `pid ${pids.join(", ")}`} does not end, or is not ours to end`

/** Follows the path of the node. */
export function sayStrays(pids: ReadonlyArray<number>, isDaemon = false): string {
  const [what, was] = pids.length === 1 ? ["a process", "was"] : [`${pids.length} processes`, "were"]
  const ended = `left ${what} outside its group (pid ${pids.join(", ")}), which ${was} ended with it`
  return isDaemon ? `${ended}: a program that makes itself a daemon has to be told to run in the foreground` : ended
}

/** Follows the path of the node. */
export function sayNews(news: News): string {
  switch (news._tag) {
    case "Starting":
      return "starting"
    case "Started":
      return news.tookMs === 0 ? "up" : `up after ${sayDuration(news.tookMs)}`
    case "Declined":
      return "has nothing to run"
    case "StartFailed":
      return sayFailedStart(news.exit)
    case "Exited":
      return `${sayExit(news.exit)} (was up ${sayDuration(news.uptimeMs)})`
    case "StraysEnded":
      return sayStrays(news.pids, news.isDaemon)
    case "RestartCounted":
      return `restart ${news.count} within ${sayDuration(news.periodMs)}, ${news.intensity} allowed`
    case "Backoff":
      return `restarts in ${sayDuration(news.delayMs)} (attempt ${news.attempt})`
    case "Failed":
      return `failed: left alone, and tried again in ${sayDuration(news.delayMs)}`
    case "TriedAgain":
      return "is tried again"
    case "Spawned":
      return `runs as pid ${news.pid}`
    case "Notified":
      return news.status === "" ? "says nothing of itself any more" : `says: ${news.status}`
    case "Blocked":
      return `cannot be ended: ${sayBlocked(news.pids)}; waiting`
    case "WaitCancelled":
      return "wait cancelled"
    case "Stopping":
      return sayHow(news.how)
    case "Stopped":
      return `stopped: it ${sayExit(news.exit)}`
    case "Ending":
      return `going down: it ${sayExit(news.exit)}`
    case "Suspected": {
      const { silenceMs, phi, evidence } = news.silence
      return `suspect: silent for ${sayDuration(silenceMs)}, phi ${sayPhi(phi)}${evidence === "" ? "" : `; ${evidence}`}`
    }
    case "Cleared":
      return `heard again, ${sayDuration(news.afterMs)} after it became suspect`
    case "Convicted":
      return `convicted: it ${sayExit(news.exit)}; ${sayHow(news.how)}`
    case "CommonSilence":
      return `${news.suspects} of ${news.of} children fell silent together: none is stopped for it; if it lasts, their supervisor ends`
    case "HealthCheckFailed":
      return `health check failed: ${news.because}`
    case "HealthCheckPassed":
      return "health check passed again"
    case "Pending":
      return sayPending(news.by)
    case "BreakerOpened":
      return `${news.failed} of ${news.of} children failed within ${sayDuration(news.withinMs)}: breaker open, one child is started as a probe`
    case "ProbeStarted":
      return `starts as the breaker's probe in ${sayDuration(news.delayMs)}`
    case "Released":
      return `starts in ${sayDuration(news.delayMs)}`
    case "BreakerClosed":
      return news.pending === 0 ? "breaker closed" : `breaker closed: ${news.pending} more will start`
    case "Hold":
      return "on hold until it is started by hand"
    case "Unhold":
      return "no longer on hold"
    case "Added":
      return "added"
    case "Removed":
      return "removed"
    case "Idle":
      return "every child has finished; the tree stays up"
    case "Ended":
      return `down: it ${sayExit(news.exit)}`
  }
}

/** A whole sentence: why a call was refused. */
export function sayRefusal(why: Refusal): string {
  switch (why._tag) {
    case "NotFound":
      return `There is no ${why.path} in this tree.${why.nearest === undefined ? "" : ` Did you mean ${why.nearest}?`}`
    case "Ambiguous":
      return sayAmbiguous(why.path, why.candidates)
    case "NotRunning":
      return `${why.path} does not run at present.`
    case "NotSupervisor":
      return `${why.path} is a worker: it has no children.`
    case "AlreadyStarted":
      return `${why.path} runs already, as incarnation ${why.incarnation}.`
    case "AlreadyPresent":
      return `There is a ${why.path} already; it does not run at present.`
    case "Running":
      return `${why.path} runs; stop it first.`
    case "Restarting":
      return `${why.path} is about to be started; wait, or stop it first.`
    case "Superseded":
      return `${why.path} was not kept down: before it had stopped, it was to be started again.`
    case "Stopping":
      return `${why.path} is going down; nothing new is started there.`
    case "Terminated":
      return `${why.path} was stopped before it was ready.`
    case "StartFailed":
      return `${why.path} ${sayFailedStart(why.exit)}.`
    case "IsPool":
      return `${why.path} is a pool: its instances are alike and known by number.`
    case "NotPool":
      return `${why.path} is not a pool.`
    case "PoolFull":
      return `${why.path} may have at most ${why.max} instances.`
    case "BadSize":
      return `${why.path} cannot have ${why.size} instances: it takes a whole number, 0 or more.`
    case "IsRoot":
      return `${why.path} is the root; it can only be shut down as a whole.`
    case "NotWorker":
      return `${why.path} is a supervisor; signals go to workers.`
    case "BadSignal":
      return `${why.path} was not sent ${why.signal}: there is no such signal.`
  }
}

/** A whole sentence: a name that several paths end in. */
export const sayAmbiguous = (name: string, candidates: ReadonlyArray<string>): string =>
  `${name} may be ${some(candidates, " or ")}. Write more of its path.`

/** At most this many paths are listed. */
const MAX_LISTED = 8

/** The first of them, with this word before the last, and how many more there are. */
export function some(paths: ReadonlyArray<string>, before: string): string {
  const listed = paths.slice(0, MAX_LISTED)
  const left = paths.length - listed.length
  const last = left > 0 ? `${left} more` : listed.pop()
  return listed.length === 0 ? `${last}` : `${listed.join(", ")}${left > 0 ? " and " : before}${last}`
}
