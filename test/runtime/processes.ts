/** The processes of one test file: found by their environment, signalled only after a second look. None may be left. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach } from "vitest"
import { keeperProgram } from "../../src/leaf/keeper/program.ts"
import { linkOf } from "../../src/leaf/os/proc.ts"

/** The id of every root in this file, and so the beginning of every path. */
export const rootId = `t${process.pid}-${Math.random().toString(36).slice(2, 8)}`
export const rootPath = `/${rootId}`

/**
 * Inherited by all processes that this file starts. It is not in our own /proc environment, which was fixed when we
 * started.
 */
export const MARK = "SUPERVISE_TEST_FILE"
process.env[MARK] = rootId

/** Long enough for a busy machine. Reaching it is a failure, never a way to wait. */
export const PATIENCE_MS = 30_000

export interface Seen {
  readonly pid: number
  /** Undefined for processes that are no leaves: the supervisor itself, the evaluator of its tree. */
  readonly path: string | undefined
  readonly incarnation: number
}

/** The running processes of this file, without keepers; with a path, those of that leaf. */
export const living = (path?: string): ReadonlyArray<Seen> => all(path).filter(({ pid }) => linkOf(`/proc/${pid}/exe`) !== keeper)

const program = keeperProgram()
const keeper = typeof program === "string" ? realpathSync(program) : undefined

function all(path?: string): ReadonlyArray<Seen> {
  return readdirSync("/proc").flatMap((name) => {
    const seen = /^\d+$/.test(name) ? look(Number(name)) : undefined
    return seen === undefined || (path !== undefined && seen.path !== path) ? [] : [seen]
  })
}

/** What its environment says, if it runs and is ours. */
export function look(pid: number): Seen | undefined {
  const variables = new Map(environment(pid).map(([name, value]) => [name, value]))
  const path = variables.get("SUPERVISE_PATH")
  const ours = variables.get(MARK) === rootId || path === rootPath || path?.startsWith(`${rootPath}/`) === true
  return ours && isAlive(pid) ? { pid, path, incarnation: Number(variables.get("SUPERVISE_INCARNATION") ?? 0) } : undefined
}

/** What has just begun with its program has none for a moment. */
export function environment(pid: number): ReadonlyArray<readonly [string, string]> {
  try {
    let text = ""
    for (let tries = 0; tries < 20 && text === "" && (tries === 0 || isStarting(pid)); tries++) {
      if (tries > 0) Atomics.wait(asleep, 0, 0, 1)
      text = readFileSync(`/proc/${pid}/environ`, "utf8")
    }
    return text
      .split("\0")
      .flatMap((line) => (line.includes("=") ? [[line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]] : []))
  } catch {
    return []
  }
}

const asleep = new Int32Array(new SharedArrayBuffer(4))

/** It is neither a zombie nor a thread of the kernel, which never have an environment. */
const isStarting = (pid: number): boolean => isAlive(pid) && linkOf(`/proc/${pid}/exe`) !== ""

/** Its command line; empty if it has ended. */
export const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
  } catch {
    return ""
  }
}

/** A zombie has ended: it only waits for its parent to read its exit code. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    return !"ZX".includes(stat.slice(stat.lastIndexOf(")") + 2)[0]!)
  } catch {
    return false
  }
}

/** Sends a signal, but only to a process of this file. Answers whether it was there. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false
  if (look(pid) === undefined) return false
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

/** The one process of this leaf. */
export function pidOf(path: string): number {
  const [one, ...more] = living(path)
  if (one === undefined || more.length > 0) throw new Error(`${path} has ${more.length + (one === undefined ? 0 : 1)} processes, not one`)
  return one.pid
}

/** Polls, for conditions that no event reports. */
export async function eventually<A>(what: string, find: () => A | undefined | false | Promise<A | undefined | false>): Promise<A> {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const found = await find()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`Timed out waiting until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const folders: Array<string> = []

/** A new folder, removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "supervise-"))
  folders.push(folder)
  return folder
}

/** Kills what is left, after some patience, and answers what that was. */
export async function sweep(): Promise<ReadonlyArray<Seen>> {
  let left: ReadonlyArray<Seen> = []
  try {
    await eventually("nothing is left", () => (left = all()).length === 0)
    return []
  } catch {
    for (const { pid } of left) signal(pid, "SIGKILL")
    return left
  }
}

/** Each kills what it has started, and answers whether it had to. */
export const breakers: Array<() => boolean> = []

afterEach(async ({ task }) => {
  // If the test has failed anyway, just kill all it has started.
  const failed = task.result?.state === "fail"
  const broken = breakers
    .splice(0)
    .map((end) => end())
    .some((had) => had)
  if (failed || broken) await eventually("all is killed", () => all().every(({ pid }) => !signal(pid, "SIGKILL")))
  const left = await sweep()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  if (left.length > 0 && !failed) throw new Error(`Left over: ${JSON.stringify(left)}`)
  if (broken && !failed) throw new Error("The test ended before the processes that it had started.")
})

/** Is there such a program in the PATH? */
export const isThere = (program: string): boolean => {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`])
    return true
  } catch {
    return false
  }
}
