/**
 * The cgroups of one tree, one for each worker, in one for the tree below our own. The keeper makes and removes those
 * of the workers. The name of that of the tree says whose it is, so that those that a supervisor has left can be told
 * from those of one that runs.
 */
import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { linkOf, listProcesses, readStat } from "../os/proc.ts"
import { cgroupHere, NoCgroups, TREE_PREFIX } from "./cgroupHere.ts"

/** The longest name of a folder, in bytes. */
const NAME_MOST = 255
const TREES_MOST = 10_000

export class Cgroups {
  private readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Those of a new tree, if there can be any. What ended supervisors have left, and is empty, is removed. */
  static make(own: string | NoCgroups = cgroupHere()): Cgroups | NoCgroups {
    if (own instanceof NoCgroups) return own
    try {
      for (const name of readdirSync(own)) if (isLeft(name)) removeEmpty(join(own, name))
      return new Cgroups(makeNew(own))
    } catch (error) {
      return new NoCgroups({ because: `none can be made in ${own} (${(error as NodeJS.ErrnoException).code})` })
    }
  }

  /** The one of this worker. No file of the kernel's has a colon in its name, and no id. */
  of(path: string): string {
    const name = path.slice(1).replaceAll("/", ":")
    return join(this.folder, name.length <= NAME_MOST ? name : `:${createHash("sha256").update(name).digest("hex")}`)
  }

  /** SIGKILL to all that is in them, as nothing else can end it any more. */
  kill(): void {
    try {
      writeFileSync(join(this.folder, "cgroup.kill"), "1")
    } catch {} // Linux 5.14; before, it is as without cgroups
  }

  close(): void {
    removeEmpty(this.folder)
  }
}

/** Together they name a process of this machine, since it was booted. */
function ourName(): string {
  const stat = readStat(process.pid)
  return [process.pid, typeof stat === "string" ? 0 : stat.startTime, namespace()].join("-")
}

const namespace = (pid: number | "self" = "self"): string => linkOf(`/proc/${pid}/ns/pid`).replace(/\D/g, "")

/** That of a machine, see PROC_PID_INIT_INO of the kernel: from it, all others can be seen. */
const FIRST_NAMESPACE = "4026531836"

/** Each tree of our process has one. */
function makeNew(own: string): string {
  const name = join(own, TREE_PREFIX + ourName())
  for (let n = 1; ; n++) {
    try {
      mkdirSync(`${name}-${n}`)
      return `${name}-${n}`
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || n === TREES_MOST) throw error
    }
  }
}

/** False if we cannot know it. */
function isLeft(name: string): boolean {
  if (!name.startsWith(TREE_PREFIX)) return false
  const [pid, startTime, itsNamespace, n] = name.slice(TREE_PREFIX.length).split("-")
  if (n === undefined || itsNamespace === undefined) return false
  if (itsNamespace !== namespace()) return hasNamespaceEnded(itsNamespace)
  const stat = readStat(Number(pid))
  return stat === "missing" || (stat !== "unknown" && !(stat.alive && stat.startTime === Number(startTime)))
}

/** That of a container is gone with its last process. */
function hasNamespaceEnded(one: string): boolean {
  const canSeeAll = namespace() === FIRST_NAMESPACE && process.geteuid?.() === 0
  return canSeeAll && listProcesses()?.some((pid) => namespace(pid) === one) === false
}

/** With the groups in it. Those that are not empty stay, and so does what is above them. */
function removeEmpty(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) removeEmpty(join(folder, entry.name))
    rmdirSync(folder)
  } catch {}
}
