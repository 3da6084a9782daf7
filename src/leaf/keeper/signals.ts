/** The names of all signals, real-time ones included. */
import { constants } from "node:os"

/** As glibc has them; the two below it are its own. */
const REALTIME_FIRST = 34
const LAST = 64

const numbers: ReadonlyMap<string, number> = new Map(Object.entries(constants.signals))

/** Of two names of one signal the first is the usual one. */
const names = new Map<number, string>()
for (const [name, number] of numbers) if (!names.has(number)) names.set(number, name)

/** The name of a signal: `SIGTERM`, `SIGRTMIN+6`; `SIG32` for one that has none. */
export function signalName(number: number): string {
  const name = names.get(number)
  if (name !== undefined) return name
  return number >= REALTIME_FIRST && number <= LAST ? `SIGRTMIN+${number - REALTIME_FIRST}` : `SIG${number}`
}

/** The number of a signal by its name, or undefined if there is no such signal. */
export function signalNumber(name: string): number | undefined {
  const realtime = /^SIGRTMIN\+(\d{1,2})$/.exec(name)?.[1]
  const number = realtime === undefined ? numbers.get(name) : REALTIME_FIRST + Number(realtime)
  return number === undefined || number > LAST ? undefined : number
}
