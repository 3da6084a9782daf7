/** A process that is the first of a namespace of its own, as in a container: it ends, and with it all in there. */
import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import { Running } from "../runtime/command.ts"
import { eventually } from "../runtime/processes.ts"

const requireAll = process.env.REQUIRE_ALL === "1"

/** What `unshare` is told for it. */
export const ENTER = ["--pid", "--fork", "--mount-proc", "--kill-child"]

/** Tests in a namespace are left out where none can be made, or there is no keeper, unless everything is required. */
const why =
  spawnSync("unshare", [...ENTER, "true"]).status !== 0
    ? "no process namespace can be made here (it takes root, and unshare of util-linux)"
    : keeperProgram() instanceof Error
      ? "there is no keeper (npm run keeper)"
      : undefined
export const withoutNamespace = why !== undefined && !requireAll
if (withoutNamespace) console.log(`Left out: the keeper as the first process, as ${why}.`)

export class Namespace extends Running {
  /** `program` becomes process 1. */
  constructor(program: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = process.env) {
    super("unshare", [...ENTER, program, ...args], { env })
  }

  /** The pid of its first process, as seen from outside. */
  first(): Promise<number> {
    return eventually("the namespace has a first process", () => {
      const [child] = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, "utf8").split(" ")
      return child !== undefined && child !== "" && Number(child)
    })
  }

  /** Its processes, each with pid and state as seen from inside. */
  async processes(): Promise<ReadonlyArray<{ readonly pid: number; readonly state: string; readonly command: string }>> {
    const inside = ["nsenter", "-t", String(await this.first()), "-p", "-m"]
    const listed = execFileSync(inside[0]!, [...inside.slice(1), "ps", "-eo", "pid=,stat=,comm="], { encoding: "utf8" })
    return listed
      .trim()
      .split("\n")
      .map((row) => {
        const [pid, state = "", command = ""] = row.trim().split(/\s+/)
        return { pid: Number(pid), state, command }
      })
  }
}
