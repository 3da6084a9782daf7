/** How one incarnation of a child ended, as a value; and whether that was normal. */
import type { Probe } from "../tree/Probe.ts"
import type { Child, Worker } from "../tree/Spec.ts"

export type Exit =
  /** The process ended with this code. */
  | { readonly _tag: "Code"; readonly code: number }
  /**
   * The process was ended by this signal. `dumped`: a core was dumped. `outOfMemory`: it was the kernel, because the
   * memory of its control group was used up, or that of the machine.
   */
  | { readonly _tag: "Signal"; readonly signal: string; readonly dumped?: true; readonly outOfMemory?: "group" | "machine" }
  /** It ended with the keeper, which was its parent: no failure of its own. */
  | { readonly _tag: "Lost" }
  /** There was no process: the operating system refused. */
  | { readonly _tag: "NotStarted"; readonly errno: string; readonly message: string }
  /** It was not ready in time, and was stopped. `because`: what its check said last, if there is one. */
  | { readonly _tag: "NotReady"; readonly afterMs: number; readonly because?: string }
  /**
   * It ran without heartbeats for `silenceMs`, was convicted at `phi` and stopped. `evidence`: what was seen of its
   * process.
   */
  | { readonly _tag: "Hung"; readonly phi: number; readonly silenceMs: number; readonly evidence: string }
  /**
   * Its health check failed `failures` times in a row, and it was stopped. `because`: the last failure. `probe`: the
   * kind of check; `nth`: which one, from 1, if there are several of that kind.
   */
  | { readonly _tag: "Unhealthy"; readonly probe: string; readonly nth?: number; readonly failures: number; readonly because: string }
  /** A supervisor ended because many of its children were silent together. */
  | { readonly _tag: "CommonSilence"; readonly suspects: number; readonly of: number; readonly cause: Failure }
  /** A supervisor ended because it was told to. */
  | { readonly _tag: "Shutdown" }
  /** A supervisor and all below it were killed. */
  | { readonly _tag: "Killed" }
  /** A supervisor exceeded its restart limit; these are the restarts in its window, oldest first. */
  | { readonly _tag: "GaveUp"; readonly intensity: number; readonly periodMs: number; readonly window: ReadonlyArray<Failure> }
  /** The root ended because every child that could have run had failed: how many, and the last of them. */
  | { readonly _tag: "AllFailed"; readonly failed: number; readonly cause: Failure }
  /** A supervisor ended because a significant child had ended. */
  | { readonly _tag: "AutoShutdown"; readonly by: string }
  /** A supervisor could not boot, because this child could not start. */
  | { readonly _tag: "BootFailed"; readonly cause: Failure }

/** An exit that cost its supervisor a restart, or more. `at` in milliseconds of the tree's monotonic clock. */
export interface Failure {
  readonly path: string
  readonly incarnation: number
  readonly at: number
  readonly exit: Exit
}

/**
 * A success code is normal, and so is the end of a supervisor: in OTP giving up is `shutdown`, after which a transient
 * supervisor is not restarted. A signal that we did not send is abnormal, even SIGTERM, unless it is a success.
 */
export function isNormal(spec: Child, exit: Exit): boolean {
  switch (exit._tag) {
    case "Code":
      return spec.type === "worker" && spec.successCodes.includes(exit.code)
    case "Shutdown":
    case "GaveUp":
    case "AllFailed":
    case "AutoShutdown":
    case "BootFailed":
      return true
    case "Signal":
      return spec.type === "worker" && (spec.successCodes as ReadonlyArray<string | number>).includes(exit.signal)
    case "Lost":
    case "NotStarted":
    case "NotReady":
    case "Hung":
    case "Unhealthy":
    case "CommonSilence":
    case "Killed":
      return false
  }
}

/** An end of this worker that counts as a success. */
export function successOf({ successCodes: [first = 0] }: Worker): Exit {
  return typeof first === "number" ? { _tag: "Code", code: first } : { _tag: "Signal", signal: first }
}

/** A check of a worker as an exit names it. */
export function nameOf(health: ReadonlyArray<Probe>, place: number): { readonly probe: string; readonly nth?: number } {
  const { type: probe } = health[place]!
  const kin = health.flatMap(({ type }, index) => (type === probe ? [index] : []))
  return kin.length === 1 ? { probe } : { probe, nth: kin.indexOf(place) + 1 }
}
