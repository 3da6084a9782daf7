/** What goes to stderr: as careful as stdout, since a terminal that is stopped stops both. */
import { makeOutput } from "./Output.ts"

export const errors = makeOutput(process.stderr, (lines) => `(${lines} lines not shown)`)
