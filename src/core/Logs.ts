/** Which log a worker has: its own field decides, or that of the nearest supervisor above it that says anything. */
import { LOGS } from "../tree/defaults.ts"
import type { Logs } from "../tree/Spec.ts"
import { parentOf } from "./Path.ts"
import type { ReadonlyTree } from "./State.ts"

/** Also of a path that is not in the tree any more: then what is above it decides. */
export function logsAt({ children, supervisors }: Pick<ReadonlyTree, "children" | "supervisors">, path: string): false | Logs {
  for (let at = path; at !== ""; at = parentOf(at)) {
    const logs = (children.get(at) ?? supervisors.get(at))?.spec.logs
    if (logs !== undefined) return logs
  }
  return LOGS
}
