/** A spawner under observation: remembers every event, waits for one, and leaves no process behind. */

import { readdirSync, readFileSync } from "node:fs"
import { afterEach, expect } from "vitest"
import { makeNodeSpawner, type NodeSpawner, type NodeSpawnerOptions } from "../../src/leaf/node/NodeSpawner.ts"
import { parseStat } from "../../src/leaf/os/proc.ts"
import type { LeafEvent, Life, SpawnCommand } from "../../src/leaf/Spawner.ts"
import type { Signal } from "../../src/tree/Spec.ts"

type Tag = LeafEvent["_tag"]
type Of<T extends Tag> = Extract<LeafEvent, { readonly _tag: T }>

/** Long enough for a busy machine; reaching it is a failure, never a way to wait. */
const PATIENCE_MS = 30_000

interface Beat {
  readonly life: Life
  readonly receivedAt: number
  readonly sentAt: number | undefined
}

let count = 0
const witnesses: Array<Witness> = []

/** All paths of this file's processes begin with it. */
export const prefix = `/test-${process.pid}-${Math.random().toString(36).slice(2, 8)}`

export class Witness {
  readonly spawner: NodeSpawner
  readonly events: Array<LeafEvent> = []
  readonly beats: Array<Beat> = []
  /** Of whom no beat can come any more. */
  readonly lost: Array<Life> = []
  /** The path of the leaf, if no other is named. */
  readonly path: string
  private readonly waiting = new Set<() => void>()

  constructor(options: NodeSpawnerOptions = {}, attach = true) {
    this.spawner = makeNodeSpawner(options)
    this.path = `${prefix}/${++count}`
    witnesses.push(this)
    this.spawner.onBeats({
      beat: (life, receivedAt, sentAt) => this.saw(this.beats, { life, receivedAt, sentAt }),
      lost: (life) => this.saw(this.lost, life)
    })
    if (attach) this.attach()
  }

  attach(): void {
    this.spawner.attach((event) => {
      this.saw(this.events, event)
    })
  }

  private saw<A>(list: Array<A>, one: A): void {
    list.push(one)
    for (const look of this.waiting) look()
  }

  /** Whether it was sent: the portable spawner answers at once. */
  signal(signal: Signal, to: "leader" | "group", life: { readonly path: string; readonly incarnation: number } = this.life): boolean {
    let isSent = false
    this.spawner.signal(life, signal, to, (sent) => {
      isSent = sent
    })
    return isSent
  }

  spawn(argv: SpawnCommand["argv"], more: Partial<SpawnCommand> = {}): void {
    this.spawner.spawn({
      path: this.path,
      incarnation: 1,
      argv,
      cwd: "/",
      env: {},
      ready: { type: "spawned" },
      stopSignal: "SIGTERM",
      shutdown: 5_000,
      ...more
    })
  }

  sh(script: string, more: Partial<SpawnCommand> = {}): void {
    this.spawn(["sh", "-c", script], more)
  }

  /** A small program of test/fixtures/leaf, run by this Node. */
  node(file: string, ...args: ReadonlyArray<string>): void {
    this.spawn([process.execPath, fixture(file), ...args])
  }

  get life(): { readonly path: string; readonly incarnation: number } {
    return { path: this.path, incarnation: 1 }
  }

  stop(how: number | "brutalKill" | "infinity" = 5_000): void {
    this.spawner.stop(this.life, how)
  }

  /** The first event of that kind, in the past or the future. */
  async event<T extends Tag>(tag: T, such: (event: Of<T>) => boolean = () => true): Promise<Of<T>> {
    return await this.until(tag, () => this.events.find((event): event is Of<T> => event._tag === tag && such(event as Of<T>)))
  }

  line(text: string | RegExp): Promise<Of<"Line">> {
    return this.event("Line", (event) => (typeof text === "string" ? event.text === text : text.test(event.text)))
  }

  until<A>(what: string, find: () => A | undefined): Promise<A> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find()
        if (found === undefined || found === false) return
        clearTimeout(timer)
        this.waiting.delete(look)
        resolve(found)
      }
      const timer = setTimeout(() => {
        this.waiting.delete(look)
        const seen = this.events.slice(-20).map((event) => JSON.stringify(event))
        reject(new Error(`Waited in vain for ${what}. Seen: ${this.events.length} events, at last\n${seen.join("\n")}`))
      }, PATIENCE_MS)
      this.waiting.add(look)
      look()
    })
  }

  /** The beats, when there are so many of them. */
  beaten(count: number): Promise<ReadonlyArray<Beat>> {
    return this.until(`${count} beats`, () => (this.beats.length >= count ? this.beats : undefined))
  }

  /** What was said, without lines. */
  tags(): ReadonlyArray<Tag> {
    return this.events.filter(({ _tag }) => _tag !== "Line").map(({ _tag }) => _tag)
  }

  texts(stream: "stdout" | "stderr" = "stdout"): ReadonlyArray<string> {
    return this.events.flatMap((event) => (event._tag === "Line" && event.stream === stream ? [event.text] : []))
  }
}

/** Shell: one line with the descriptors of the shell itself. It only asks for names, since every way to list them opens more. */
export const SAY_DESCRIPTORS = 'i=0; while [ $i -lt 64 ]; do [ -e /proc/$$/fd/$i ] && printf "$i "; i=$((i+1)); done; echo'

export const fixture = (file: string): string => `${import.meta.dirname}/../fixtures/leaf/${file}`

/** The living processes whose SUPERVISE_PATH begins so. */
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

/** For what happens outside of the events: looks again and again. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Ends a process that a test has let escape. */
export function end(pid: number): void {
  if (pid > 1 && living(prefix).includes(pid)) process.kill(pid, "SIGKILL")
}

afterEach(async () => {
  for (const witness of witnesses.splice(0)) witness.spawner.close()
  try {
    await eventually("no process of the test lives", () => living(prefix).length === 0)
  } catch (error) {
    for (const pid of living(prefix)) end(pid)
    throw error
  }
  expect(process.listenerCount("exit")).toBe(exitListeners)
})

const exitListeners = process.listenerCount("exit")
