/** Ends that are not what they are taken for. */
import type { Worker } from "../../tree/Spec.ts"
import type { Remark } from "./Finding.ts"

/** A shell that waits for a process that a signal ends reports 128 and the number of the signal; there are 64. */
const OF_SHELLS = { from: 129, to: 192 }
const SIGNALS: { readonly [number: number]: string } = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  6: "SIGABRT",
  9: "SIGKILL",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM"
}

/** Codes by which shells tell of a signal. Here such an end is not a code; that both are meant can be said. */
export function signalCodes({ successCodes }: Worker): ReadonlyArray<Remark> {
  const listed: ReadonlyArray<number | string> = successCodes
  return listed.flatMap((code) => {
    if (typeof code !== "number" || code < OF_SHELLS.from || code > OF_SHELLS.to) return []
    const name = SIGNALS[code - 128]
    if (name !== undefined && listed.includes(name)) return []
    const because =
      `${code} is how shells tell of an end by signal ${code - 128}${name === undefined ? "" : ` (${name})`}; ` +
      "here that is an end by a signal, whatever codes are listed."
    const advice =
      name === undefined
        ? "Leave it out, unless the program itself exits with that code."
        : `Name the signal: [0, "${name}"]; or both, if the program may also exit with that code.`
    return [{ key: "successCodes", because, advice }]
  })
}
