/** A service folder, as daemontools invented it: a program named `run`. */
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"

/** The kernel makes the leaf itself of it: no shell is in between. */
export const service = (folder: string, leaf: string, argument: string): void =>
  writeFileSync(join(folder, "run"), `#!${leaf} ${argument}\n`, { mode: 0o755 })

/** These programs do not tell their version; Debian does. */
export const packaged = (name: string) => (): string | undefined =>
  spawnSync("dpkg-query", ["-W", "-f", "${Version}", name], { encoding: "utf8" }).stdout?.trim() || undefined
