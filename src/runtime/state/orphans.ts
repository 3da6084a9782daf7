/**
 * Workers that still run although their supervisor was killed (`kill -9`): new incarnations would start beside them.
 */

import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs"
import { isWithin } from "../../core/Path.ts"
import { readStat } from "../../leaf/os/proc.ts"

interface Orphan {
  readonly path: string
  readonly pid: number
}

/** Orphans of a tree with this root, of our own user. None where there is no /proc. */
export const orphansOf = (root: string): ReadonlyArray<Orphan> =>
  listed().flatMap((name) => {
    const pid = Number(name)
    const path = orphaned(name) ? pathOf(name) : undefined
    return path !== undefined && isWithin(path, root) ? [{ path, pid }] : []
  })

/** A sentence for a person. */
export const sayOrphans = (root: string, orphans: ReadonlyArray<Orphan>): string => {
  const list = orphans.map(({ path, pid }) => `${path} (pid ${pid})`).join(", ")
  return `The last supervisor of ${root} ended without ending its processes; these live on beside the new ones, and nobody supervises them: ${list}.`
}

const listed = (): ReadonlyArray<string> => {
  try {
    return readdirSync("/proc").filter((name) => /^[1-9]\d*$/.test(name))
  } catch {
    return []
  }
}

/**
 * Every worker leads a group. A worker of another tree with the same names still has its supervisor as parent: a Node
 * process like us.
 */
const orphaned = (pid: string): boolean => {
  try {
    if (statSync(`/proc/${pid}`).uid !== process.geteuid?.()) return false
    const stat = readStat(pid)
    if (typeof stat === "string") return false
    const { alive, group, parent } = stat
    return alive && group === Number(pid) && (parent <= 1 || readlinkSync(`/proc/${parent}/exe`) !== readlinkSync("/proc/self/exe"))
  } catch {
    return false // it has just ended
  }
}

const pathOf = (pid: string): string | undefined => {
  try {
    return /(?:^|\0)SUPERVISE_PATH=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, "utf8"))?.[1]
  } catch {
    return undefined
  }
}
