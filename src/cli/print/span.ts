/** Short durations for tables, with few different widths, so that columns do not move as time passes. */

/** Elapsed time in whole units: `3s`, `2m 05s`, `1h 02m`, `3d 04h`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`
  return `${Math.floor(seconds / 86_400)}d ${two(Math.floor(seconds / 3600) % 24)}h`
}

/** Remaining time: below ten seconds with tenths, `2.3s`. */
export const countdown = (ms: number): string => (ms < 10_000 ? `${(Math.max(0, Math.floor(ms / 100)) / 10).toFixed(1)}s` : span(ms))

const two = (n: number): string => String(n).padStart(2, "0")
