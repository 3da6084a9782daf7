/** What goes to stderr: as careful as stdout, since a terminal that is stopped stops both. */
import { makeOutput } from "./Output.ts"

const output = makeOutput(process.stderr, (lines) => `(${lines} lines not shown)`)
let makeRoom = (): void => {}

export const errors = {
  line: (text: string): void => {
    makeRoom()
    output.line(text)
  },
  flush: output.flush
}

/** Whoever draws on the same terminal is asked to stop before the first word. */
export const beforeErrors = (how: () => void): void => {
  makeRoom = how
}
