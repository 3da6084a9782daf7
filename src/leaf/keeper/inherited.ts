/**
 * As the first process of a container, or the main process of a systemd unit, `supervise` becomes a keeper, and that
 * starts it again as its brain: what a first process has to do, a keeper does, and Node does not. The pid stays, and
 * so does what was to be signalled or waited for.
 */
import { fstatSync } from "node:fs"

/** Tells the second one its connection: the number of a descriptor. */
const CONNECTION = "SUPERVISE_KEEPER_FD"
/** Where a keeper puts it for a brain that it starts. */
const FIRST_BRAIN = "3"

interface Process {
  readonly pid: number
  readonly env: NodeJS.ProcessEnv
}

/** Is there no other that reaps orphans, or does systemd watch this very process? */
export const isMainProcess = ({ pid, env }: Process = process): boolean =>
  pid === 1 || (env.INVOCATION_ID !== undefined && env.SYSTEMD_EXEC_PID === String(pid))

/** Does not return, unless the program cannot be run: then everything is as before. */
export function becomeKeeper(program: string): void {
  const brain = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  try {
    process.execve?.(program, [program, "--", ...brain], { ...process.env, [CONNECTION]: FIRST_BRAIN })
  } catch {}
}

let fd: number | undefined

/** Called before there is any child: none is to be told of it. */
export function noteInherited(): void {
  const named = process.env[CONNECTION]
  delete process.env[CONNECTION]
  if (named === FIRST_BRAIN && isSocket(Number(named))) fd = Number(named)
}

/** The connection to the keeper that has started us, for the first tree. */
export function takeInherited(): number | undefined {
  const taken = fd
  fd = undefined
  return taken
}

export const isInherited = (): boolean => fd !== undefined

function isSocket(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isSocket()
  } catch {
    return false
  }
}
