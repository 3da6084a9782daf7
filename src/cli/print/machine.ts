/** For a machine: everything that happens as a line of JSON, and nothing else. */
import { jsonOf } from "./json.ts"
import { makeOutput } from "./Output.ts"
import type { Presenter } from "./Presenter.ts"

export function forMachines(stream: typeof process.stdout): Presenter {
  const output = makeOutput(stream, (lines) => JSON.stringify({ event: "NotShown", lines }))
  return {
    attend: ({ kernel }) => void kernel.watch((event) => output.line(jsonOf(event))),
    stopping: () => {},
    flush: output.flush
  }
}
