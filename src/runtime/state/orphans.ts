/**
 * Processes that still run although their supervisor was killed (`kill -9`): new incarnations would start beside them.
 *
 * What a worker starts inherits its environment, in which the state directory and the supervisor are written. So an
 * orphan is known wherever it has gone, and by which tree it was left. None is known where there is no /proc.
 */
import * as Effect from "effect/Effect"
import { kill } from "../../leaf/os/kill.ts"
import { environmentOf, linkOf, ownProcesses, readStat } from "../../leaf/os/proc.ts"
import { pidIn } from "./StateDirectory.ts"

interface Orphan {
  /** Of the worker that it belongs to. */
  readonly path: string
  readonly pid: number
  /** Together with the pid it identifies the process. */
  readonly startTime: number
  readonly group: number
}

/**
 * What every process of a tree has in its environment, exec checks included. The supervisor is named by its pid, its
 * start time and its pid namespace; and a number tells the trees of one program apart.
 */
export const stampOf = (state: string | undefined): { readonly [name: string]: string } => {
  const stat = readStat(process.pid)
  const startTime = typeof stat === "string" ? 0 : stat.startTime
  const supervisor = `${process.pid} ${startTime} ${linkOf(PID_NAMESPACE)} ${++trees}`
  return { SUPERVISE_SUPERVISOR: supervisor, ...(state === undefined ? {} : { SUPERVISE_STATE: state }) }
}
let trees = 0
const PID_NAMESPACE = "/proc/self/ns/pid"

/**
 * The orphans of this state directory, and all that is in their groups: a group stays together when its leader dies.
 * Processes that are `known` still count, whatever their environment. Never this process or the supervisor that runs
 * there now, nor what has started them: that may have been a shell that was left behind.
 */
export const orphansOf = (state: string, known: ReadonlyArray<Orphan> = []): ReadonlyArray<Orphan> => {
  const ours = lineage(process.pid, pidIn(state) ?? process.pid)
  const pids = ownProcesses()
  if (known.length === 0 && pids.every((pid) => pathLeft(pid, state) === undefined)) return [] // the common case, in half the time
  const all = pids.flatMap((pid) => {
    const stat = readStat(pid)
    return typeof stat === "string" || !stat.alive || ours.pids.has(pid) ? [] : [{ ...stat, pid }]
  })
  const leftBy = new Map<number, string>()
  const orphans = all.flatMap(({ pid, startTime, group }) => {
    const path = known.find((one) => one.pid === pid && one.startTime === startTime)?.path ?? pathLeft(pid, state)
    if (path === undefined) return []
    if (!ours.groups.has(group)) leftBy.set(group, path)
    return [{ path, pid, startTime, group }]
  })
  const proven = new Set(orphans.map(({ pid }) => pid))
  const others = all.flatMap(({ pid, startTime, group }) => {
    const path = proven.has(pid) ? undefined : leftBy.get(group)
    return path === undefined ? [] : [{ path, pid, startTime, group }]
  })
  return [...orphans, ...others]
}

/** A sentence for a person. */
export const sayOrphans = (state: string, orphans: ReadonlyArray<Orphan>): string =>
  `An earlier supervisor ended without ending its processes. These still run, and nothing supervises them: ${listed(orphans)}. ` +
  `To end them: supervise doctor --kill --state ${shellWord(state)}`

/** As one word for a shell. */
const shellWord = (word: string): string => (/^[\w/.@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

/** `/shop/web (pid 12, 13), /shop/db (pid 14)` */
export const listed = (orphans: ReadonlyArray<Orphan>): string => {
  const byPath = Map.groupBy(orphans, ({ path }) => path)
  const shown = [...byPath].slice(0, PATHS_SHOWN).map(([path, of]) => `${path} (pid ${of.map(({ pid }) => pid).join(", ")})`)
  const more = byPath.size - shown.length
  return shown.join(", ") + (more > 0 ? ` and ${more} more paths` : "")
}
const PATHS_SHOWN = 20

/** Asks them to end, kills what has not ended after this time, and answers what does not even die of that. */
export const endOrphans = Effect.fnUntraced(function* (state: string) {
  let left = orphansOf(state)
  const asked = new Set<string>()
  for (let round = 0; left.length > 0 && round < TERM_ROUNDS + KILL_ROUNDS; round++) {
    for (const orphan of left) {
      if (!isStill(orphan)) continue
      const id = `${orphan.pid} ${orphan.startTime}`
      if (round >= TERM_ROUNDS) kill(orphan.pid, "leader", "SIGKILL")
      else if (!asked.has(id)) {
        kill(orphan.pid, "leader", "SIGTERM")
        kill(orphan.pid, "leader", "SIGCONT") // one that is stopped could not end
      }
      asked.add(id)
    }
    yield* Effect.sleep(ROUND_MS)
    left = orphansOf(state, left)
  }
  return left
})
const ROUND_MS = 100
/** Five seconds, as workers have by default. */
const TERM_ROUNDS = 50
const KILL_ROUNDS = 20

/** Looked at directly before a signal, because a pid may be used again. */
const isStill = ({ pid, startTime }: Orphan): boolean => {
  const stat = readStat(pid)
  return typeof stat !== "string" && stat.startTime === startTime
}

/** The worker's path, if this process was started for a tree with this state directory whose supervisor has ended. */
const pathLeft = (pid: number, state: string): string | undefined => {
  const environment = environmentOf(pid)
  if (environment.get("SUPERVISE_STATE") !== state) return undefined
  return hasEnded(environment.get("SUPERVISE_SUPERVISOR")) ? environment.get("SUPERVISE_PATH") : undefined
}

/** False if we cannot know it. */
const hasEnded = (supervisor = ""): boolean => {
  const [pid = "", startTime, namespace] = supervisor.split(" ")
  if (!/^[1-9]\d*$/.test(pid) || namespace !== linkOf(PID_NAMESPACE)) return false
  const stat = readStat(pid)
  return stat === "missing" || (stat !== "unknown" && !(stat.alive && stat.startTime === Number(startTime)))
}

/** These processes and all above them. */
const lineage = (...from: ReadonlyArray<number>): { readonly pids: ReadonlySet<number>; readonly groups: ReadonlySet<number> } => {
  const pids = new Set<number>()
  const groups = new Set<number>()
  for (const first of from) {
    let pid = first
    for (let stat = readStat(pid); typeof stat !== "string"; stat = readStat(pid)) {
      pids.add(pid)
      groups.add(stat.group)
      pid = stat.parent // 0 above the first process, and there is no such process
    }
  }
  return { pids, groups }
}
