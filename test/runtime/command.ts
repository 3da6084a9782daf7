/** The real command line as a process: its stdout and stderr, and how it ends. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import type { TreeSpec } from "supervise"
import { spawnerFlags } from "../spawner.ts"
import { breakers, PATIENCE_MS, temporaryFolder } from "./processes.ts"

export const bin = resolve(import.meta.dirname, "../../bin/supervise.js")

/** One line of its JSON. */
export interface EventLine {
  readonly seq: number
  readonly at: string
  readonly event: string
  readonly path: string
  readonly incarnation: number
  readonly message?: string
  readonly pid?: number
  readonly stream?: string
  readonly text?: string
  readonly lines?: number
  readonly exit?: { readonly _tag: string }
}

export class Running {
  readonly process: ChildProcess
  stdout = ""
  stderr = ""
  /** Resolves when its output is complete. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  private over = false
  private readonly waiting = new Set<() => void>()

  constructor(command: string, args: ReadonlyArray<string>, options: SpawnOptions = {}) {
    this.process = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options })
    const hear = (to: "stdout" | "stderr") => (chunk: Buffer) => {
      this[to] += chunk
      for (const look of this.waiting) look()
    }
    this.process.stdout?.on("data", hear("stdout"))
    this.process.stderr?.on("data", hear("stderr"))
    this.ended = once(this.process, "close").then(([code, signal]) => {
      this.over = true
      for (const look of this.waiting) look()
      return { code, signal }
    })
    breakers.push(() => {
      if (!this.over) this.process.kill("SIGKILL")
      return !this.over
    })
  }

  get pid(): number {
    return this.process.pid!
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal)
  }

  /** What it says on stderr besides the line that names its spawner. */
  get complaints(): string {
    return this.stderr.replace(/^Spawner: .*\n/m, "")
  }

  /** Its exit code. */
  get code(): Promise<number | null> {
    return this.ended.then(({ code }) => code)
  }

  /** The complete lines of JSON on stdout so far. */
  get events(): ReadonlyArray<EventLine> {
    return this.stdout
      .slice(0, this.stdout.lastIndexOf("\n") + 1)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as EventLine)
  }

  /** The first such event from number `from` on, past or future. */
  event(event: string, path: string, such: (told: EventLine) => boolean = () => true, from = 0): Promise<EventLine> {
    return this.until(`${event} of ${path}`, () =>
      this.events.slice(from).find((told) => told.event === event && told.path === path && such(told))
    )
  }

  says(pattern: RegExp, from = 0, on: "stdout" | "stderr" = "stdout"): Promise<RegExpExecArray> {
    return this.until(String(pattern), () => pattern.exec(this[on].slice(from)) ?? undefined)
  }

  until<A>(what: string, find: () => A | undefined): Promise<A> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void): void => {
        clearTimeout(timer)
        this.waiting.delete(look)
        outcome()
      }
      const fail = (why: string) =>
        settle(() => reject(new Error(`${why} ${what}.\nstdout:\n${this.stdout.slice(-3000)}\nstderr:\n${this.stderr.slice(-3000)}`)))
      const look = (): void => {
        const found = find()
        if (found !== undefined) settle(() => resolve(found))
        else if (this.over) fail("It has ended without")
      }
      const timer = setTimeout(() => fail("Waited in vain for"), PATIENCE_MS)
      this.waiting.add(look)
      look()
    })
  }
}

/** `supervise …`; a tree runs with the spawner that all tests are to use. */
export const supervise = (args: ReadonlyArray<string>, options: SpawnOptions = {}): Running =>
  new Running(process.execPath, [bin, ...(usesChosen(args) ? spawnerFlags : []), ...args], options)

const usesChosen = (args: ReadonlyArray<string>): boolean =>
  args.some(isTreeFile) && !SUBCOMMANDS.test(args[0]!) && !args.includes("--spawner")
const isTreeFile = (arg: string): boolean => /\.(json|[mc]?[jt]s)$/.test(arg)
const SUBCOMMANDS = /^(check|rehearse|whatif|schema|ps|stop|start|restart|signal|scale|events|logs|why|doctor)$/

/** Writes a tree into a folder of its own. */
export const treeFile = (spec: TreeSpec, folder = temporaryFolder()): string => {
  const file = join(folder, "tree.json")
  writeFileSync(file, JSON.stringify(spec))
  return file
}

export const foreground = (spec: TreeSpec, options: SpawnOptions = {}): Running => supervise([treeFile(spec)], options)
