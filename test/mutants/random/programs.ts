/**
 * Runs programs in a copy of the project that may be broken in any way: within a time, and without leaving anything
 * behind.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { delimiter, join } from "node:path"

export interface Said {
  /** Undefined if it had to be killed. */
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Marks all our descendants, also those that are not stopped because of the bug. */
const MARK = "SUPERVISE_MUTANTS_COPY"

/** A process without our mark may keep them open for ever. */
const PIPES_MAX_MS = 5000

export class Programs {
  private readonly folder: string
  private readonly limitMs: number
  private running: ChildProcess | undefined

  constructor(folder: string, limitMs: number) {
    this.folder = folder
    this.limitMs = limitMs
  }

  /** With our own Node. `isEnough` gets the output so far, and may end it early. */
  run(args: ReadonlyArray<string>, isEnough: (stdout: string) => boolean = () => false): Promise<Said> {
    const bin = join(this.folder, "node_modules/.bin")
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, CI: "1", NO_COLOR: "1", [MARK]: this.folder }
    const child = spawn(process.execPath, args, { cwd: this.folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] })
    this.running = child
    return this.heard(child, isEnough)
  }

  private heard(child: ChildProcess, isEnough: (stdout: string) => boolean): Promise<Said> {
    return new Promise((resolve, reject) => {
      let [stdout, stderr, isLate] = ["", "", false]
      const late = setTimeout(() => {
        isLate = true
        this.sweep()
      }, this.limitMs)
      child.stdout!.setEncoding("utf8").on("data", (text: string) => {
        stdout += text
        if (isEnough(stdout)) this.sweep()
      })
      child.stderr!.setEncoding("utf8").on("data", (text: string) => void (stderr += text))
      child.once("error", reject)
      child.once("exit", (code) => {
        clearTimeout(late)
        this.sweep() // processes that it has left behind would keep its pipes open
        const settle = () => resolve({ code: isLate ? undefined : (code ?? 1), stdout, stderr })
        child.once("close", settle)
        setTimeout(settle, PIPES_MAX_MS).unref()
      })
    })
  }

  /** Ends what runs, and all that was left behind. */
  sweep(): void {
    const { pid, exitCode, signalCode } = this.running ?? {}
    if (pid !== undefined && exitCode === null && signalCode === null) end(pid, -pid)
    for (const left of marked(this.folder)) end(left)
  }
}

/** Never 0, 1 or −1, which mean our own group, the first process, or everything. */
function end(pid: number, target = pid): void {
  if (pid <= 1) return
  try {
    process.kill(target, "SIGKILL")
  } catch {
    // It has ended by itself.
  }
}

/** Where there is no /proc, nothing is found. */
function marked(folder: string): ReadonlyArray<number> {
  const isMarked = (pid: number): boolean => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(`${MARK}=${folder}`)
    } catch {
      return false
    }
  }
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 1 && pid !== process.pid && isMarked(pid))
  } catch {
    return []
  }
}
