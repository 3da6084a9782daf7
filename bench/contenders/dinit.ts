/**
 * dinit, found in PATH or named by the variable DINIT. As root it may end every process that it can see when it stops,
 * so it runs only as process 1 of a PID namespace of its own, with a /proc of its own, and not otherwise.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { argument, type Contender, installed, launch } from "../contender.ts"

/** Asks for namespaces of its own, which end with what has asked for them. */
const apart = ["--pid", "--mount", "--fork", "--mount-proc", "--kill-child"]
/** The shell becomes dinit only where it is process 1, and the machine's own process 1 is another. */
const guarded = '[ $$ = 1 ] && exec "$@"'

const find = (): string | undefined => (existsSync(process.env.DINIT ?? "") ? process.env.DINIT : installed("dinit"))

function missing(): string | undefined {
  if (find() === undefined) return "dinit is not here: `apt-get install dinit` (from Debian 13 on), or DINIT=PROGRAM."
  const { status } = spawnSync("unshare", [...apart, "sh", "-c", guarded, "sh", "true"])
  return status === 0 ? undefined : "dinit runs only in a PID namespace of its own, and `unshare` may not make one here (root may)."
}

export const dinit: Contender = {
  name: "dinit",
  title: "dinit",
  missing,
  version: () => spawnSync(find()!, ["--version"], { encoding: "utf8" }).stdout?.match(/[\d.]*\d/)?.[0],
  start: (job) => {
    const services = join(job.room, "services")
    mkdirSync(services)
    const leaves = Array.from({ length: job.leaves }, (_, i) => `leaf${i}`)
    const leaf = [
      ...["type = process", `command = ${job.workspace.leaf} ${argument(job)}`, "restart = true", "smooth-recovery = true"],
      ...["restart-delay = 0", "restart-limit-count = 0"]
    ]
    for (const name of leaves) writeFileSync(join(services, name), `${leaf.join("\n")}\n`)
    writeFileSync(join(services, "boot"), ["type = internal", ...leaves.map((name) => `depends-on = ${name}`), ""].join("\n"))
    const command = [find()!, "--container", "--services-dir", services, "--socket-path", join(job.room, "socket"), "--quiet"]
    return launch(job, "unshare", [...apart, "sh", "-c", guarded, "sh", ...command])
  },
  stopSignal: "SIGTERM",
  inside: "dinit"
}
