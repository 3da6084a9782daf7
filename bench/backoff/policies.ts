/**
 * The ways to pace restarts that are compared. All with jitter have the same, so only the pace makes the difference.
 */
import type { BackoffSpec, BreakerSpec } from "../../src/tree/Pacing.ts"

export interface Policy {
  readonly name: string
  readonly backoff: BackoffSpec
  readonly breaker?: BreakerSpec
  /** Whether it is notified when a broken program has been replaced. */
  readonly hint?: true
  /** The first restart comes at once; delays begin with the second. */
  readonly firstAtOnce?: true
}

const jitter = 0.5
const exponential = (initial: "1s" | "10s" | "100ms", cap: "60s" | "300s", forgetAfter: "60s" | "10m", jitter: number): BackoffSpec => ({
  type: "exponential",
  initial,
  cap,
  forgetAfter,
  jitter
})
const adaptive: BackoffSpec = { type: "adaptive", jitter }

export const policies: ReadonlyArray<Policy> = [
  { name: "constant 0.1 s", backoff: { type: "constant", delay: "100ms", jitter } },
  { name: "linear 1 s to 60 s", backoff: { type: "linear", initial: "1s", cap: "60s", forgetAfter: "60s", jitter } },
  { name: "exponential 0.1 s to 60 s", backoff: exponential("100ms", "60s", "60s", jitter) },
  { name: "… full jitter", backoff: exponential("100ms", "60s", "60s", 1) },
  { name: "kubelet, 10 s to 300 s", backoff: exponential("10s", "300s", "10m", 0), firstAtOnce: true },
  { name: "KEP-4603, 1 s to 60 s", backoff: exponential("1s", "60s", "10m", 0), firstAtOnce: true },
  { name: "our default, 0.1 s to 30 s", backoff: { type: "exponential" } },
  { name: "exponential + breaker", backoff: exponential("100ms", "60s", "60s", jitter), breaker: {} },
  { name: "adaptive", backoff: adaptive },
  { name: "adaptive + breaker", backoff: adaptive, breaker: {} },
  { name: "adaptive + breaker + hint", backoff: adaptive, breaker: {}, hint: true }
]
