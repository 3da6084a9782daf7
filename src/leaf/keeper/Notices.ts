/**
 * What one process says of itself by sd_notify, and what of it is passed on: its status, and that it needs more time.
 * A process can say as much as it likes, and only the last of it matters: it is passed on at intervals.
 */
import { monotonicMs } from "../os/monotonic.ts"
import { after } from "../os/timer.ts"

/** One datagram. (man 3 sd_notify) */
export interface Notice {
  readonly isReady: boolean
  readonly isReloading: boolean
  readonly isStopping: boolean
  /** WATCHDOG=trigger. */
  readonly hasFailed: boolean
  readonly status: string | undefined
  /** The number of a system's error. */
  readonly error: number | undefined
  readonly extendMs: number | undefined
}

const INTERVAL_MS = 100
/** It asks for more time again when that is not enough. */
const EXTEND_MOST_MS = 60 * 60 * 1_000

const RELOADING = "reloading"

/** Its status after this, empty if it has none. */
export function statusAfter(before: string, { status, isReady, isReloading, isStopping, error }: Notice): string {
  if (status !== undefined) return status.trim()
  if (isReloading) return RELOADING
  if (isStopping) return "stopping"
  if (error !== undefined && error > 0) return `error ${error}`
  return isReady && before === RELOADING ? "" : before
}

type Tell = (news: { readonly status?: string; readonly extendMs?: number }) => void

export class Notices {
  private readonly tell: Tell
  private status = ""
  private toldStatus = ""
  /** Until when it needs time, in milliseconds of CLOCK_MONOTONIC; undefined if that was told. */
  private until: number | undefined = undefined
  private cancel: (() => void) | undefined = undefined

  constructor(tell: Tell) {
    this.tell = tell
  }

  /** `at`: when it was received, in milliseconds of CLOCK_MONOTONIC. */
  add(notice: Notice, at: number): void {
    this.status = statusAfter(this.status, notice)
    if (notice.extendMs !== undefined) this.until = at + Math.min(notice.extendMs, EXTEND_MOST_MS)
    if (this.cancel === undefined) this.pass()
  }

  /** Nothing more comes. */
  end(): void {
    this.cancel?.()
    this.pass()
    this.cancel?.()
  }

  private pass(): void {
    this.cancel = undefined
    const { status, until } = this
    const news = {
      ...(status !== this.toldStatus && { status }),
      ...(until !== undefined && { extendMs: Math.max(0, Math.round(until - monotonicMs())) })
    }
    if (Object.keys(news).length === 0) return
    this.toldStatus = status
    this.until = undefined
    this.cancel = after(INTERVAL_MS, () => this.pass())
    this.tell(news)
  }
}
