/**
 * What a heartbeat file says: JSON such as `{ "timestamp": "…", "pid": 123 }`, with whatever else its writer wants to
 * say.
 */
interface HeartbeatContent {
  /** Its `timestamp`, in milliseconds since 1970; undefined where there is none, or none that we understand. */
  readonly writtenAt: number | undefined
  readonly pid: number | undefined
}

/** A number of this size is milliseconds; as seconds it would be the year 5138. */
const LEAST_MILLIS = 1e11

/** Undefined where the text is not an object of JSON: also while it is written, when it may be empty or cut off. */
export function heartbeatIn(text: string): HeartbeatContent | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
    const { timestamp, pid } = value as { readonly [name: string]: unknown }
    return { writtenAt: millis(timestamp), pid: finite(pid) }
  } catch {
    return undefined
  }
}

function millis(timestamp: unknown): number | undefined {
  if (typeof timestamp === "string") return finite(Date.parse(timestamp))
  return typeof timestamp === "number" ? finite(timestamp * (timestamp < LEAST_MILLIS ? 1000 : 1)) : undefined
}

/** Of JSON's numbers 1e999 is one, too. */
const finite = (found: unknown): number | undefined => (typeof found === "number" && Number.isFinite(found) ? found : undefined)
