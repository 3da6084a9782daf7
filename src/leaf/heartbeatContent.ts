/** Reads the content of a heartbeat file: JSON such as `{ "timestamp": "…", "pid": 123 }`. Other keys are ignored. */
interface HeartbeatContent {
  /** Its `timestamp`, as JSON: whatever it says, it only shows that the file was written again. */
  readonly timestamp: string | undefined
  readonly pid: number | undefined
}

/** Undefined if the text is not a JSON object. While the file is being written, it may be empty or cut off. */
export function heartbeatIn(text: string): HeartbeatContent | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
    const { timestamp, pid } = value as { readonly [name: string]: unknown }
    // JSON has numbers that are not finite, such as 1e999.
    return { timestamp: JSON.stringify(timestamp), pid: typeof pid === "number" && Number.isFinite(pid) ? pid : undefined }
  } catch {
    return undefined
  }
}
