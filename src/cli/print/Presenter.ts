/** Shows a running tree, from before its first event until after its last. */
import type { Control } from "../../runtime/read/Control.ts"

export interface Presenter {
  /** A line that is no event. Machines find it on stderr. */
  readonly remark: (text: string) => void
  /** Called before anything happens. `shortName`: of a path, as it stands before the lines of its output. */
  readonly attach: (control: Control["Service"], shortName: (path: string) => string) => void
  /** The operator has asked for the end: in order or, the second time, at once. */
  readonly stopping: (how: "in order" | "at once") => void
  /** Done when everything is shown, or there is no reader left. */
  readonly flush: () => Promise<void>
}

export const STOPPING = { "in order": "Stopping, last to first. Ctrl-C again stops at once.", "at once": "Stopping at once." } as const

/** The line in place of lines that were not shown. */
export const sayTooSlow = (lines: number): string => `(${lines} lines not shown: the terminal is too slow)`
