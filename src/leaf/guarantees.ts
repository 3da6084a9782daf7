/**
 * What each spawner guarantees on this machine, and if it cannot, why: for `supervise doctor` and the first line of a
 * run.
 */
import { existsSync } from "node:fs"
import { release } from "node:os"
import { cgroupHere } from "./keeper/cgroupHere.ts"
import type { SpawnerName } from "./Spawners.ts"

interface Guarantee {
  readonly text: string
  /** Why it does not hold here; undefined if it does. */
  readonly butNot: string | undefined
}

interface Machine {
  readonly platform: string
  /** Of its kernel, as `uname -r` has it. */
  readonly release: string
  /** What is known of other processes. */
  readonly hasProc: boolean
  /** Ours: 1 in a container without an init. */
  readonly pid: number
  /** Why workers can have no cgroups; undefined if they can. */
  readonly noCgroups: string | undefined
}

const thisMachine = (): Machine => ({
  platform: process.platform,
  release: release(),
  hasProc: existsSync("/proc/self/environ"),
  pid: process.pid,
  get noCgroups() {
    const found = cgroupHere()
    return typeof found === "string" ? undefined : found.because
  }
})

/** In one line, for the start of a tree. */
export function sayGuarantee(name: SpawnerName, { platform }: Pick<Machine, "platform"> = thisMachine()): string {
  if (name === "keeper") return "Spawner: keeper. Workers end with supervise, however it ends."
  const which = platform === "linux" ? "node" : `node, untested on ${platform}`
  return `Spawner: ${which}. Workers go on without supervision if supervise is killed.`
}

export function guaranteesOf(name: SpawnerName, machine: Machine = thisMachine()): ReadonlyArray<Guarantee> {
  const guarantee = (text: string, butNot?: string): Guarantee => ({ text, butNot })
  const isKeeper = name === "keeper"
  const unlessKeeper = (because: string) => (isKeeper ? undefined : because)
  const withoutProc = machine.hasProc ? undefined : "this machine has no /proc"
  return [
    guarantee("workers end when supervise is killed or crashes", unlessKeeper("only a keeper outlives it, and sees that")),
    guarantee("an end by a real-time signal is told from exit code 0", unlessKeeper("Node does not tell them apart")),
    guarantee("a core dump, and what a process has used in all, are known at its end", unlessKeeper("Node does not report them")),
    guarantee("a start does not block the supervisor", unlessKeeper("Node forks a large process for each")),
    guarantee("what has left its group is found by its environment, and ends with its worker", withoutProc),
    guarantee(
      "what has left its group and has no environment ends with the tree",
      unlessKeeper("it is then no descendant of supervise, and nothing names it")
    ),
    guarantee(
      "each worker has a cgroup of its own, and whatever is in it ends with it",
      isKeeper ? machine.noCgroups : "only a keeper starts a process in one"
    ),
    guarantee("what a check has started and left behind is found, and ends with its worker", withoutProc),
    guarantee("no signal reaches a process that was given the pid of another", isKeeper ? pidsOf(machine) : PIDS_OF_NODE),
    ...(machine.pid === 1 ? [guarantee("orphans of the container are reaped", unlessKeeper("Node waits only for its own processes"))] : [])
  ]
}

const PIDS_OF_NODE = "between the look at a process and the signal a moment remains, for all but the group of a running leader"

/** Since this version a pidfd names a group, too. */
const GROUP_BY_PIDFD = [6, 9] as const

function pidsOf(machine: Machine): string | undefined {
  const [major = 0, minor = 0] = machine.release.split(".").map((part) => Number.parseInt(part, 10))
  if (major > GROUP_BY_PIDFD[0] || (major === GROUP_BY_PIDFD[0] && minor >= GROUP_BY_PIDFD[1])) return undefined
  return `for the rest of a group whose leader has ended that needs Linux ${GROUP_BY_PIDFD.join(".")}, and this is ${machine.release}`
}
