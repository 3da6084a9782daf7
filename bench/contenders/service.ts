/** A service folder, as in daemontools: a program named `run`. */
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"

/** A script that the kernel runs with the leaf itself, without a shell. */
export const service = (folder: string, leaf: string, argument: string): void =>
  writeFileSync(join(folder, "run"), `#!${leaf} ${argument}\n`, { mode: 0o755 })

/** These programs do not print their version; Debian knows it. */
export const packaged = (name: string) => (): string | undefined =>
  spawnSync("dpkg-query", ["-W", "-f", "${Version}", name], { encoding: "utf8" }).stdout?.trim() || undefined
