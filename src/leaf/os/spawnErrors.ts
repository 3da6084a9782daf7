/** Turns the errno of a failed spawn into a sentence for a person. */
import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from "node:fs"
import { delimiter, resolve } from "node:path"
import type { SpawnCommand } from "../Spawner.ts"

export interface SpawnError {
  /** The system's name of the error, or one of ours: BADCWD, BADREADY, BUSY, CLOSED, STOPPED. */
  readonly errno: string
  /** Completes "it could not be started: …". */
  readonly message: string
}

/** It was stopped before its turn to start came. */
export const STOPPED: SpawnError = { errno: "STOPPED", message: "it was stopped before it was started" }
export const CLOSED: SpawnError = { errno: "CLOSED", message: "everything is being stopped" }

export function busy(incarnation: number, pid: number): SpawnError {
  return {
    errno: "BUSY",
    message: `its incarnation ${incarnation} ${pid > 0 ? `(pid ${pid}) ` : ""}has not ended yet, and two incarnations never run at the same time`
  }
}

/** The system's errors that do not depend on the command. */
const BY_ERRNO: { readonly [errno: string]: string } = {
  EAGAIN: "the limit on processes is reached (see `ulimit -u`, and pids.max of the cgroup)",
  EMFILE: "the supervisor has too many open files (see `ulimit -n`; every process with captured output takes two)",
  ENFILE: "the machine has too many open files (see /proc/sys/fs/file-max)",
  ENOMEM: "there is not enough memory for another process",
  E2BIG: "its arguments and environment together are too long for this system"
}

/** Where shells search if PATH is not set. */
const DEFAULT_PATH = "/bin:/usr/bin"
/** How much of a script's first line the kernel reads, in bytes. */
const SHEBANG_LIMIT = 256

type Command = Pick<SpawnCommand, "argv" | "cwd" | "env">

/** Explains the error that Node or the system gave for this command. */
export function spawnErrorOf(error: unknown, command: Command, env: NodeJS.ProcessEnv): SpawnError {
  const { code, message } = error as NodeJS.ErrnoException
  const spawnError = (errno: string, message: string): SpawnError => ({ errno, message })
  if (code !== undefined && code in BY_ERRNO) return spawnError(code, BY_ERRNO[code]!)
  if (code?.startsWith("ERR_")) return spawnError("EINVAL", String(message))
  const folder = badFolder(command.cwd)
  if (folder !== undefined) return spawnError("BADCWD", `its folder ${command.cwd} ${folder}`)
  const file = candidates(command, env).find((path) => existsSync(path))
  if (code === "ENOENT" || code === "ENOTDIR") return spawnError(code, notFound(command, env, file))
  if (code === "EACCES" || code === "EPERM") return spawnError(code, notPermitted(file))
  if (code === "ENOEXEC") return spawnError(code, `${file ?? JSON.stringify(command.argv[0])} is not a program this machine can run`)
  return spawnError(code ?? "UNKNOWN", String(message ?? error))
}

/**
 * Why this command could not be started now, as far as files and folders tell; undefined if they say nothing against
 * it. Nothing is started.
 */
export function foreseenError(command: Command, env: NodeJS.ProcessEnv): SpawnError | undefined {
  const error = (errno: string) => spawnErrorOf({ code: errno }, command, env)
  if (badFolder(command.cwd) !== undefined) return error("ENOENT")
  const files = candidates(command, env).filter((path) => existsSync(path))
  if (files.length === 0) return error("ENOENT")
  const file = files.find(isExecutable)
  if (file === undefined) return error("EACCES")
  const interpreter = shebang(file)
  return interpreter === undefined || existsSync(resolve(command.cwd, interpreter)) ? undefined : error("ENOENT")
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** What is wrong with the folder; undefined if a process can run in it. */
function badFolder(cwd: string): string | undefined {
  try {
    if (!statSync(cwd).isDirectory()) return "is not a folder"
    accessSync(cwd, constants.X_OK)
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "ENOENT") return "does not exist"
    if (code === "ENOTDIR") return "is inside something that is not a folder"
    if (code === "EACCES") return "may not be entered by this user"
    return `cannot be entered (${code})`
  }
}

/** Where the system looks for the command, in order. */
function candidates({ argv, cwd }: Command, env: NodeJS.ProcessEnv): ReadonlyArray<string> {
  if (argv[0].includes("/")) return [resolve(cwd, argv[0])]
  return (env.PATH ?? DEFAULT_PATH).split(delimiter).map((folder) => resolve(cwd, folder, argv[0]))
}

/** PATH itself is not quoted: it is long, and a failed start is reported more than once on its way up. */
function notFound({ argv, env: ownEnv }: Command, env: NodeJS.ProcessEnv, file: string | undefined): string {
  if (file !== undefined) {
    const interpreter = shebang(file)
    if (interpreter === undefined) return `the loader that ${file} needs is not on this machine`
    return `the interpreter ${interpreter}, named in the first line of ${file}, was not found`
  }
  const name = JSON.stringify(argv[0])
  if (argv[0].includes("/")) return `the command ${name} was not found: there is no such file`
  if (env.PATH === undefined) return `the command ${name} was not found in ${DEFAULT_PATH} (its PATH is not set)`
  return `the command ${name} was not found in ${ownEnv.PATH === undefined ? "PATH" : "the PATH that its env sets"}`
}

function notPermitted(file: string | undefined): string {
  if (file === undefined) return "a folder on the way to it may not be entered by this user"
  try {
    if (statSync(file).isDirectory()) return `${file} is a folder`
    accessSync(file, constants.X_OK)
  } catch {
    return `${file} is not executable (see chmod +x)`
  }
  const interpreter = shebang(file)
  return interpreter === undefined
    ? `${file} may not be run by this user`
    : `${file}, or its interpreter ${interpreter}, may not be run by this user`
}

/** The interpreter that the first line of a script names. */
function shebang(file: string): string | undefined {
  try {
    const descriptor = openSync(file, "r")
    try {
      const bytes = Buffer.alloc(SHEBANG_LIMIT)
      const length = readSync(descriptor, bytes, 0, SHEBANG_LIMIT, 0)
      return /^#![ \t]*([^\s\0]+)/.exec(bytes.toString("utf8", 0, length))?.[1]
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return undefined
  }
}
