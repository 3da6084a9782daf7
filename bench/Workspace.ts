/**
 * The workspace of a bench: one temporary folder, and every process started from it. Both are gone when this process
 * ends, however it ends.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { onExit } from "signal-exit"
import { kill, MARK, marked } from "./processes.ts"

/** How often to check, every ten milliseconds, whether killed processes are dead. */
const MAX_CHECKS = 500
const LOOK_MS = 10

const sources = resolve(import.meta.dirname, "c")
const build = resolve(import.meta.dirname, "../scripts/build.ts")
const leafFlags = ["-nostdlib", "-static", "-ffreestanding", "-fno-stack-protector", "-fno-pie", "-no-pie"]

export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), "supervise-bench-"))
  /** The program of every child, and of the baseline; undefined without a C compiler. */
  readonly leaf: string | undefined
  readonly loop: string | undefined
  /** Why there is no leaf. */
  readonly trouble: string | undefined
  private runs = 0
  private published: string | undefined = undefined

  constructor() {
    // Also when a signal ends us: what we started is in sessions of its own, and would go on.
    onExit(() => this.clear())
    const [leaf, loop] = [join(this.folder, "leaf"), join(this.folder, "loop")]
    this.trouble = compile(leaf, "leaf.c", leafFlags) ?? compile(loop, "loop.c", [])
    this.leaf = this.trouble === undefined ? leaf : undefined
    this.loop = this.trouble === undefined ? loop : undefined
  }

  /** In the environment of every process of this bench, and inherited. */
  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, [MARK]: this.folder }
  }

  /** The command line as it is published, built on first use. */
  built(): string {
    if (this.published === undefined) {
      const folder = join(this.folder, "built")
      this.published = join(folder, "bin/supervise.js")
      const { status, stderr } = spawnSync(process.execPath, [build, folder], { encoding: "utf8" })
      if (status !== 0) console.error(`The package cannot be built: ${stderr.trim()}`)
    }
    return this.published
  }

  /** Another program of ours in C, built on first use. */
  compiled(name: "copy" | "writer"): string {
    const program = join(this.folder, name)
    const trouble = existsSync(program) ? undefined : compile(program, `${name}.c`, [])
    if (trouble !== undefined) throw new Error(trouble)
    return program
  }

  /** A new folder with a fifo, `reports`. */
  room(): string {
    const room = join(this.folder, String(++this.runs))
    mkdirSync(room)
    execFileSync("mkfifo", ["-m", "600", join(room, "reports")])
    return room
  }

  /**
   * Kills every process of this bench, and waits until they are dead. Supervisors first: they would start the others
   * again.
   */
  sweep(): void {
    for (let check = 0; check < MAX_CHECKS; check++) {
      const left = marked(this.folder)
      if (left.length === 0) return
      const supervisors = left.filter(({ program }) => program !== this.leaf)
      for (const { pid } of supervisors.length > 0 ? supervisors : left) kill(pid)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS)
    }
    throw new Error(`These do not die: ${marked(this.folder).map(({ pid, program }) => `${program} (pid ${pid})`)}.`)
  }

  clear(): void {
    try {
      this.sweep()
    } finally {
      rmSync(this.folder, { recursive: true, force: true })
    }
  }
}

/** Returns what went wrong, as a sentence. */
function compile(to: string, source: string, flags: ReadonlyArray<string>): string | undefined {
  const { error, status, stderr } = spawnSync("cc", ["-O2", ...flags, "-o", to, join(sources, source)], { encoding: "utf8" })
  if (error !== undefined) return "There is no C compiler for the children that report: `apt-get install gcc libc6-dev`."
  return status === 0 ? undefined : `The C compiler does not take ${source}: ${stderr.trim().split("\n")[0]}`
}
