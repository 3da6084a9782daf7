/** The processes of one test file: found by what stands in their environment, signalled only after a second look, and none may be left. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach } from "vitest"

/** The id of every root in this file, and so the beginning of every path. */
export const rootId = `t${process.pid}-${Math.random().toString(36).slice(2, 8)}`
export const rootPath = `/${rootId}`

/** Inherited by all that this file starts, whatever its path. Our own environment was written when we were started, and has not got it. */
export const MARK = "SUPERVISE_TEST_FILE"
process.env[MARK] = rootId

/** Long enough for a busy machine; reaching it is a failure, never a way to wait. */
export const PATIENCE_MS = 30_000

export interface Seen {
  readonly pid: number
  /** Undefined for what is no leaf: the supervisor itself, the evaluator of its tree. */
  readonly path: string | undefined
  readonly incarnation: number
}

/** The living processes of this file; with a path, those of that leaf. */
export function living(path?: string): ReadonlyArray<Seen> {
  return readdirSync("/proc").flatMap((name) => {
    const seen = /^\d+$/.test(name) ? look(Number(name)) : undefined
    return seen === undefined || (path !== undefined && seen.path !== path) ? [] : [seen]
  })
}

/** What this process says of itself, if it lives and is ours. */
export function look(pid: number): Seen | undefined {
  const variables = new Map(environment(pid).map(([name, value]) => [name, value]))
  const path = variables.get("SUPERVISE_PATH")
  const ours = variables.get(MARK) === rootId || path === rootPath || path?.startsWith(`${rootPath}/`) === true
  return ours && isAlive(pid) ? { pid, path, incarnation: Number(variables.get("SUPERVISE_INCARNATION") ?? 0) } : undefined
}

export function environment(pid: number): ReadonlyArray<readonly [string, string]> {
  try {
    const text = readFileSync(`/proc/${pid}/environ`, "utf8")
    return text
      .split("\0")
      .flatMap((line) => (line.includes("=") ? [[line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]] : []))
  } catch {
    return []
  }
}

/** Its command line, or nothing if it is gone. */
export const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
  } catch {
    return ""
  }
}

/** A zombie is dead: it only waits to be asked for its code. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    return !"ZX".includes(stat.slice(stat.lastIndexOf(")") + 2)[0]!)
  } catch {
    return false
  }
}

/** A signal to a process of this file, and to no other. Answers whether it was there. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 1 || look(pid) === undefined) return false
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

/** For what no event tells: looks again and again. */
export async function eventually<A>(what: string, find: () => A | undefined | false | Promise<A | undefined | false>): Promise<A> {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const found = await find()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`Waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const folders: Array<string> = []

/** A new folder, gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "supervise-"))
  folders.push(folder)
  return folder
}

/** Ends whatever is left, and answers what that was. What was just told to die may take a moment. */
export async function sweep(): Promise<ReadonlyArray<Seen>> {
  let left: ReadonlyArray<Seen> = []
  try {
    await eventually("nothing is left", () => (left = living()).length === 0)
    return []
  } catch {
    for (const { pid } of left) signal(pid, "SIGKILL")
    return left
  }
}

/** Of those who start processes: ends them by force, and says whether it had to. */
export const breakers: Array<() => boolean> = []

afterEach(async ({ task }) => {
  // A test that has failed says enough: then whatever it has started just has to go.
  const failed = task.result?.state === "fail"
  const broken = breakers
    .splice(0)
    .map((end) => end())
    .some((had) => had)
  if (failed || broken) await eventually("all is killed", () => living().every(({ pid }) => !signal(pid, "SIGKILL")))
  const left = await sweep()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  if (left.length > 0 && !failed) throw new Error(`Left over: ${JSON.stringify(left)}`)
  if (broken && !failed) throw new Error("The test has ended before what it has started.")
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
