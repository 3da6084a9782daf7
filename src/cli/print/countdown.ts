/** What is left, in a table: below ten seconds with tenths, `2.3s`, because somebody is waiting for it. */
import { sayElapsed } from "../../tree/duration.ts"

export const countdown = (ms: number): string => (ms < 10_000 ? `${(Math.max(0, Math.floor(ms / 100)) / 10).toFixed(1)}s` : sayElapsed(ms))
