/**
 * Is there a cgroup in which we may make others, below our own in the v2 hierarchy? Nothing is made to find out.
 *
 * Where systemd runs it owns the hierarchy, and only what it has delegated to us may be used: `Delegate=yes` in our
 * unit. Elsewhere our own group is ours, that of a container included, and the root where nothing else has divided it.
 */
import { spawnSync } from "node:child_process"
import { accessSync, constants, existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import * as Schema from "effect/Schema"
import { SentenceError } from "../../tree/SentenceError.ts"
import { readProc } from "../os/proc.ts"
import { keeperProgram } from "./program.ts"

/** Workers get no cgroups. They run as well without, so this is only told where something asks for it. */
export class NoCgroups extends SentenceError<NoCgroups>()("NoCgroups", { because: Schema.String }) {
  override get message(): string {
    return `Workers get no cgroup of their own: ${this.because}.`
  }
}

interface Where {
  readonly env?: { readonly [name: string]: string | undefined }
  readonly proc?: string
  /** It is there where systemd runs, see sd_booted(3). */
  readonly systemd?: string
  readonly isDelegated?: (folder: string) => boolean
}

/** The switch: `1` for one for each worker. What a worker leaves behind on purpose would end with it, too. */
const SWITCH = "SUPERVISE_CGROUPS"

/** The names of the groups that we make for our trees begin so. */
export const TREE_PREFIX = "supervise-"

/** The folder of our own group. */
export function cgroupHere({
  env = process.env,
  proc = "/proc",
  systemd = "/run/systemd/system",
  isDelegated = isMarked
}: Where = {}): string | NoCgroups {
  const none = (because: string) => new NoCgroups({ because })
  if (env[SWITCH] !== "1") return none(`${SWITCH} is not 1`)
  const own = /^0::(\/.*)$/m.exec(readProc(`${proc}/self/cgroup`))?.[1]
  const folders = mountsIn(readProc(`${proc}/self/mountinfo`)).flatMap((mount) => folderIn(mount, own) ?? [])
  const folder = folders.findLast((one) => existsSync(join(one, "cgroup.procs")))
  if (folder === undefined)
    return none(own === undefined ? "this machine has no cgroups of version 2" : "our own cgroup is mounted nowhere")
  const unwritable = [folder, join(folder, "cgroup.procs")].flatMap((path) => whyNotWritable(path) ?? [])
  if (unwritable[0] !== undefined) return none(unwritable[0])
  const type = typeOf(folder)
  if (type !== "domain") return none(`our own cgroup ${folder} is of the type "${type}", which has none for processes below it`)
  if (!existsSync(systemd) || isDelegated(unitOf(folder))) return folder
  return none(`systemd has not left ${folder} to us; set Delegate=yes in our unit`)
}

interface Mount {
  /** Which group is mounted. */
  readonly root: string
  readonly at: string
}

/** See proc_pid_mountinfo(5). Characters that would end a field are written in octal. */
function mountsIn(mountinfo: string): ReadonlyArray<Mount> {
  return mountinfo.split("\n").flatMap((line) => {
    const [fields = "", type = ""] = line.split(" - ")
    const [root, at] = fields.split(" ").slice(3, 5).map(unescaped)
    return type.startsWith("cgroup2 ") && root !== undefined && at !== undefined ? [{ root, at }] : []
  })
}

const unescaped = (field: string): string =>
  field.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

function folderIn({ root, at }: Mount, own: string | undefined): string | undefined {
  if (own === undefined || own.includes("/../") || own.endsWith("/..")) return undefined // outside of our namespace
  if (root === "/") return resolve(join(at, own))
  return own === root || own.startsWith(`${root}/`) ? resolve(join(at, own.slice(root.length))) : undefined
}

function whyNotWritable(path: string): string | undefined {
  try {
    accessSync(path, constants.W_OK)
  } catch (error) {
    return `${path} cannot be written to (${(error as NodeJS.ErrnoException).code})`
  }
}

/** The root of the hierarchy has no such file. */
function typeOf(folder: string): string {
  try {
    return readFileSync(join(folder, "cgroup.type"), "latin1").trim()
  } catch {
    return "domain"
  }
}

/** Within a worker of another supervisor: what was left to that. */
const unitOf = (folder: string): string => folder.split(`/${TREE_PREFIX}`, 1)[0]!

/** Node cannot read extended attributes, the keeper can. */
function isMarked(folder: string): boolean {
  const program = keeperProgram()
  return typeof program === "string" && spawnSync(program, ["--is-delegated", folder], { stdio: "ignore" }).status === 0
}
