/** Writes to stderr, as carefully as to stdout: a stopped terminal stops both. */
import { makeOutput } from "./Output.ts"

const output = makeOutput(process.stderr, (lines) => `(${lines} lines not shown)`)
let beforeFirst = (): void => {}

export const errors = {
  line: (text: string): void => {
    beforeFirst()
    output.line(text)
  },
  flush: output.flush
}

/** Called before each line, so that a view on the same terminal can get out of the way. */
export const beforeErrors = (then: () => void): void => {
  beforeFirst = then
}
