/** The delay between an exit and the next start, where it depends on the number of the attempt: a pure function. */
import type { CountedBackoff } from "../../tree/Pacing.ts"

/**
 * Milliseconds before start number `attempt` (1 is the first after an exit). `draw` in [0, 1) comes from `jitterOf`.
 * Never more than the cap, never less than (1 − jitter) of the plain delay; never NaN, not even for attempt 10^6.
 */
export function delayMs(backoff: CountedBackoff, attempt: number, draw: number): number {
  return Math.round(plainMs(backoff, attempt) * (1 - backoff.jitter * draw))
}

function plainMs(backoff: CountedBackoff, attempt: number): number {
  const n = Math.max(0, attempt - 1)
  switch (backoff.type) {
    case "constant":
      return backoff.delay
    case "linear":
      return Math.min(backoff.cap, backoff.initial + backoff.step * n)
    case "exponential":
      return backoff.initial === 0 ? 0 : Math.min(backoff.cap, backoff.initial * backoff.factor ** n)
  }
}

/**
 * A number in [0, 1), a hash of its arguments (FNV-1a, then the finaliser of MurmurHash3): no random stream to keep in
 * step.
 */
export function jitterOf(seed: number, path: string, incarnation: number): number {
  let hash = 0x811c9dc5 ^ seed
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ incarnation, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 4294967296
}
