/**
 * Ends the processes that an evaluation has left behind, wherever they went: they carry its mark in their environment.
 * Where there is no /proc, none is found.
 */
import { readdirSync } from "node:fs"
import { kill } from "../../leaf/os/kill.ts"
import { readProc, readStat } from "../../leaf/os/proc.ts"
import { EVALUATION } from "./Answer.ts"

/** A process may start another while we look, so we look again; but not for ever. */
const MAX_LOOKS = 20

export function endLeftovers(mark: string): void {
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const found = processesWith(`${EVALUATION}=${mark}`)
    for (const pid of found) kill(pid, "leader", "SIGKILL")
    if (found.length === 0) return
  }
}

/** A zombie has no environment any more. */
const processesWith = (variable: string): ReadonlyArray<number> =>
  pids().filter((pid) => {
    if (!readProc(`/proc/${pid}/environ`).split("\0").includes(variable)) return false
    const stat = readStat(pid)
    return typeof stat !== "string" && stat.alive
  })

const pids = (): ReadonlyArray<number> => {
  try {
    return readdirSync("/proc")
      .filter((name) => /^[1-9]\d*$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}
