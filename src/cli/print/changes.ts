/** Says on stderr that a tree file was changed after its tree was started. */
import { relative } from "node:path"
import type { Connection } from "../../http/connect.ts"
import { errors } from "./errors.ts"

export function mentionChanges({ changed, root }: Pick<Connection, "changed" | "root">): void {
  if (changed.length === 0) return
  const files = changed.map((file) => relative("", file)).join(", ")
  const have = changed.length === 1 ? "has" : "have"
  errors.line(`${files} ${have} changed since ${root} was started, which runs as it was then. To apply the change, stop and start it.`)
}
