/** Reads the content of a heartbeat file: JSON such as `{ "timestamp": "…", "pid": 123 }`. Other keys are ignored. */
interface HeartbeatContent {
  /** Its `timestamp`, in milliseconds since 1970; undefined if there is none that we understand. */
  readonly writtenAt: number | undefined
  readonly pid: number | undefined
}

/** A number from here on is milliseconds; as seconds it would be the year 5138. */
const SMALLEST_MILLIS = 1e11

/** Undefined if the text is not a JSON object. While the file is being written, it may be empty or cut off. */
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
  return typeof timestamp === "number" ? finite(timestamp * (timestamp < SMALLEST_MILLIS ? 1000 : 1)) : undefined
}

/** JSON has numbers that are not finite, such as 1e999. */
const finite = (found: unknown): number | undefined => (typeof found === "number" && Number.isFinite(found) ? found : undefined)
