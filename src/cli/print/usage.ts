/** What workers use of the machine, in the cells of a table. */
import * as ByteSize from "effect/ByteSize"
import { type GroupUsage, together } from "../../leaf/os/usage.ts"
import type { Node } from "../../runtime/read/Control.ts"
import type { WorkerUsage } from "../../runtime/read/usage.ts"
import { sayElapsed } from "../../tree/duration.ts"

export type UsageColumn = "processes" | "cpu" | "memory" | "files" | "read" | "written"

/** By path: of a worker that of its group, of a supervisor that of all below it. */
type UsageByPath = ReadonlyMap<string, GroupUsage>

export function usageByPath(root: Node, usages: ReadonlyArray<WorkerUsage>): UsageByPath {
  const all = new Map<string, GroupUsage>(usages.map(({ path, group }) => [path, group]))
  const visit = (node: Node): GroupUsage | undefined => {
    if (node.type === "worker") return all.get(node.path)
    const below = (node.children ?? []).flatMap((child) => visit(child) ?? [])
    if (below.length === 0) return undefined
    const total = below.reduce(together)
    all.set(node.path, total)
    return total
  }
  visit(root)
  return all
}

/** Empty where nothing is known. */
export function sayUsage(column: UsageColumn, usage: GroupUsage | undefined): string {
  if (usage === undefined) return ""
  switch (column) {
    case "processes":
      return String(usage.processes)
    case "cpu":
      return usage.cpuMs < 60_000 ? `${(usage.cpuMs / 1000).toFixed(2)}s` : sayElapsed(usage.cpuMs)
    case "memory":
      return sayBytes(usage.memoryBytes)
    case "files":
      return usage.openFiles === undefined ? "" : String(usage.openFiles)
    case "read":
      return sayBytes(usage.readBytes)
    case "written":
      return sayBytes(usage.writtenBytes)
  }
}

const sayBytes = (bytes: number | undefined): string =>
  bytes === undefined ? "" : ByteSize.format(ByteSize.bytes(bytes), { precision: 1 })
