/** Records every event of a spawner, waits for events, and leaves no process behind. */
import { readdirSync, readFileSync } from "node:fs"
import { afterEach, expect } from "vitest"
import type { Incarnation } from "../../src/core/Event.ts"
import { makeNodeSpawner, type NodeSpawnerOptions } from "../../src/leaf/node/NodeSpawner.ts"
import { parseStat } from "../../src/leaf/os/proc.ts"
import type { LeafEvent, OwnedSpawner, SpawnCommand } from "../../src/leaf/Spawner.ts"
import type { Signal } from "../../src/tree/Spec.ts"
import { makeSpawner } from "./testedSpawners.ts"

type Tag = LeafEvent["_tag"]
type Of<T extends Tag> = Extract<LeafEvent, { readonly _tag: T }>

/** Long enough for a busy machine. Reaching it is a failure, never a way to wait. */
const PATIENCE_MS = 30_000

interface Beat {
  readonly leaf: Incarnation
  readonly receivedAt: number
  readonly sentAt: number | undefined
}

let count = 0
const open = new Set<OwnedSpawner>()

/** The paths of all processes of this test file begin with it. */
export const prefix = `/test-${process.pid}-${Math.random().toString(36).slice(2, 8)}`

export class LeafRecorder {
  readonly spawner: OwnedSpawner
  readonly events: Array<LeafEvent> = []
  readonly beats: Array<Beat> = []
  /** The leaves from which no beat can come any more. */
  readonly lost: Array<Incarnation> = []
  readonly failed: Array<Incarnation> = []
  /** The path of the leaf, unless a test names another. */
  readonly path: string
  private readonly waiting = new Set<() => void>()

  constructor(spawner: OwnedSpawner, attach = true) {
    this.spawner = spawner
    this.path = `${prefix}/${++count}`
    open.add(spawner)
    this.spawner.onBeats({
      beat: (leaf, receivedAt, sentAt) => this.record(this.beats, { leaf, receivedAt, sentAt }),
      lost: (leaf) => this.record(this.lost, leaf),
      failed: (leaf) => this.record(this.failed, leaf)
    })
    this.spawner.wantOutput(true)
    if (attach) this.attach()
  }

  attach(): void {
    this.spawner.attach((event) => {
      this.record(this.events, event)
    })
  }

  private record<A>(list: Array<A>, item: A): void {
    list.push(item)
    for (const check of this.waiting) check()
  }

  /** Whether it was sent. */
  signal(signal: Signal, to: "leader" | "group", leaf = this.leaf): Promise<boolean> {
    return new Promise((resolve) => this.spawner.signal(leaf, signal, to, resolve))
  }

  spawn(argv: SpawnCommand["argv"], more: Partial<SpawnCommand> = {}): void {
    this.spawner.spawn({
      path: this.path,
      incarnation: 1,
      argv,
      cwd: "/",
      env: {},
      ready: { type: "spawned" },
      stdin: "null",
      stopSignal: "SIGTERM",
      stopTo: "group",
      shutdown: 5_000,
      ...more
    })
  }

  sh(script: string, more: Partial<SpawnCommand> = {}): void {
    this.spawn(["sh", "-c", script], more)
  }

  /** Runs a small program of test/fixtures/leaf with this Node. */
  node(file: string, ...args: ReadonlyArray<string>): void {
    this.spawn([process.execPath, fixture(file), ...args])
  }

  get leaf(): Incarnation {
    return { path: this.path, incarnation: 1 }
  }

  stop(how: number | "brutalKill" | "infinity" = 5_000): void {
    this.spawner.stop(this.leaf, how)
  }

  /** The first event of that kind, past or future. */
  async event<T extends Tag>(tag: T, matches: (event: Of<T>) => boolean = () => true): Promise<Of<T>> {
    return await this.until(tag, () => this.events.find((event): event is Of<T> => event._tag === tag && matches(event as Of<T>)))
  }

  line(text: string | RegExp): Promise<Of<"Line">> {
    return this.event("Line", (event) => (typeof text === "string" ? event.text === text : text.test(event.text)))
  }

  until<A>(what: string, find: () => A | undefined): Promise<A> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = find()
        if (found === undefined || found === false) return
        clearTimeout(timer)
        this.waiting.delete(check)
        resolve(found)
      }
      const timer = setTimeout(() => {
        this.waiting.delete(check)
        const seen = this.events.slice(-20).map((event) => JSON.stringify(event))
        reject(new Error(`Timed out waiting for ${what}. ${this.events.length} events, the last:\n${seen.join("\n")}`))
      }, PATIENCE_MS)
      this.waiting.add(check)
      check()
    })
  }

  /** The beats, once there are this many. */
  beaten(count: number): Promise<ReadonlyArray<Beat>> {
    return this.until(`${count} beats`, () => (this.beats.length >= count ? this.beats : undefined))
  }

  /** The tags of all events but lines. */
  tags(): ReadonlyArray<Tag> {
    return this.events.filter(({ _tag }) => _tag !== "Line").map(({ _tag }) => _tag)
  }

  texts(stream: "stdout" | "stderr" = "stdout"): ReadonlyArray<string> {
    return this.events.flatMap((event) => (event._tag === "Line" && event.stream === stream ? [event.text] : []))
  }
}

/** Records the events of a spawner of the kind that the test is run for. `attach`: from the beginning. */
export const recorder = (attach?: boolean): LeafRecorder => new LeafRecorder(makeSpawner(), attach)

/** Records the events of a Node spawner with options of its own. */
export const nodeRecorder = (options: NodeSpawnerOptions): LeafRecorder => new LeafRecorder(makeNodeSpawner(options))

/**
 * Shell: prints one line with the open descriptors of the shell itself. It only tests for names, as every way to list
 * them opens more.
 */
export const SAY_DESCRIPTORS = 'i=0; while [ $i -lt 64 ]; do [ -e /proc/$$/fd/$i ] && printf "$i "; i=$((i+1)); done; echo'

export const fixture = (file: string): string => `${import.meta.dirname}/../fixtures/leaf/${file}`

/** The living processes whose SUPERVISE_PATH begins with this path. */
export function living(path: string): ReadonlyArray<number> {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const environ = readFileSync(`/proc/${name}/environ`, "latin1")
      if (!environ.split("\0").some((line) => line.startsWith(`SUPERVISE_PATH=${path}`))) return []
      return isAlive(Number(name)) ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

export function isAlive(pid: number): boolean {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"))?.alive === true
  } catch {
    return false
  }
}

/** For conditions that no event announces: checks again and again. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Timed out waiting until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Ends a process that escaped on purpose. */
export function end(pid: number): void {
  if (pid > 1 && living(prefix).includes(pid)) process.kill(pid, "SIGKILL")
}

afterEach(async () => {
  for (const spawner of open) spawner.close()
  open.clear()
  try {
    await eventually("no process of the test is alive", () => living(prefix).length === 0)
  } catch (error) {
    for (const pid of living(prefix)) end(pid)
    throw error
  }
  expect(process.listenerCount("exit")).toBe(exitListeners)
})

const exitListeners = process.listenerCount("exit")
