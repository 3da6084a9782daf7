/**
 * What processes use of the machine, as /proc says; nothing is known where there is none. A process that ends while it
 * is read counts as far as it was read. Nothing here throws.
 */
import { readdirSync } from "node:fs"
import { listProcesses, readProc, readStat } from "./proc.ts"

export interface Usage {
  /** CPU time of its threads since it began, user and kernel, in milliseconds to a tick of 10. */
  readonly cpuMs: number
  /** Resident memory. What processes share is part of each of them. */
  readonly memoryBytes: number
  /** Undefined where we may not look: at another user's process. */
  readonly openFiles?: number
  /** Read from storage since it began, and what was written to be stored. Undefined where we may not look. */
  readonly readBytes?: number
  readonly writtenBytes?: number
}

/** Of all processes of a group together. What may not be looked at is left out. */
export interface GroupUsage extends Usage {
  readonly processes: number
}

export interface LeafUsage {
  /** Undefined when it has ended and others of its group are left. */
  readonly leader?: Usage
  readonly group: GroupUsage
}

/**
 * By the pid of their leaders, which name the groups. Yields before each process of the machine, as its caller may have
 * something else to do: one of a group takes some 50 µs, any other less than 10.
 */
export function* usageOf(leaders: ReadonlySet<number>, proc = "/proc"): Generator<undefined, ReadonlyMap<number, LeafUsage>> {
  const found = new Map<number, LeafUsage>()
  for (const pid of listProcesses(proc) ?? []) {
    yield
    const stat = readStat(pid, proc)
    if (typeof stat === "string" || !leaders.has(stat.group) || !stat.alive) continue
    const usage = processUsage(pid, stat.cpuMs, proc)
    const one = { processes: 1, ...usage }
    const { leader, group } = found.get(stat.group) ?? { leader: undefined, group: undefined }
    const own = pid === stat.group ? usage : leader
    found.set(stat.group, { ...(own && { leader: own }), group: group === undefined ? one : together(group, one) })
  }
  return found
}

function processUsage(pid: number, cpuMs: number, proc: string): Usage {
  const number = (file: string, pattern: RegExp): number | undefined => {
    const text = pattern.exec(readProc(`${proc}/${pid}/${file}`))?.[1]
    return text === undefined ? undefined : Number(text)
  }
  const openFiles = entriesOf(`${proc}/${pid}/fd`)
  const readBytes = number("io", /^read_bytes: (\d+)/m)
  const writtenBytes = number("io", /^write_bytes: (\d+)/m)
  return {
    cpuMs,
    memoryBytes: (number("status", /^VmRSS:\s*(\d+) kB/m) ?? 0) * 1024,
    ...(openFiles === undefined ? {} : { openFiles }),
    ...(readBytes === undefined ? {} : { readBytes }),
    ...(writtenBytes === undefined ? {} : { writtenBytes })
  }
}

function entriesOf(folder: string): number | undefined {
  try {
    return readdirSync(folder).length
  } catch {
    return undefined
  }
}

const sum = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined ? other : other === undefined ? one : one + other

export function together(one: GroupUsage, other: GroupUsage): GroupUsage {
  const openFiles = sum(one.openFiles, other.openFiles)
  const readBytes = sum(one.readBytes, other.readBytes)
  const writtenBytes = sum(one.writtenBytes, other.writtenBytes)
  return {
    processes: one.processes + other.processes,
    cpuMs: one.cpuMs + other.cpuMs,
    memoryBytes: one.memoryBytes + other.memoryBytes,
    ...(openFiles === undefined ? {} : { openFiles }),
    ...(readBytes === undefined ? {} : { readBytes }),
    ...(writtenBytes === undefined ? {} : { writtenBytes })
  }
}
