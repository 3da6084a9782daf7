/**
 * What the kernel itself adds to a restart: `node bench/kernel.ts` prints the time from an exit that the spawner
 * reports to the next spawn, in microseconds. The spawner is a simulated one that starts no process; backoff is 0. The
 * same without a kernel, where the exit of a leaf starts it again at the end of the turn, is what the event loop and
 * this program take.
 */
import { stat } from "node:fs"
import { pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { LeafEvent, SpawnCommand, Spawner } from "../src/index.ts"
import { constant, pool, run, Spawners, worker } from "../src/index.ts"
import { median } from "./figures.ts"

/** Resolves while the event loop polls, where exits are heard, too. */
const polled = (): Promise<void> => new Promise((resolve) => stat("/", () => resolve()))

const LEAVES = 200
const EXITS = 5_000

interface Figures {
  /** One leaf fails while nothing else happens. */
  readonly aloneUs: number
  /** All leaves fail in the same turn of the event loop: the last spawn, divided by the number of leaves. */
  readonly togetherUs: number
}

/** Answers every spawn at once, and fails when told so. */
class Invented {
  private sink: (event: LeafEvent) => void = () => {}
  private n = 0
  private spawned = (_: SpawnCommand): void => {}
  readonly alive = new Map<string, number>()

  readonly spawner = {
    attach: (sink: (event: LeafEvent) => void) => void (this.sink = sink),
    acknowledge: () => {},
    onBeats: () => {},
    spawn: (command: SpawnCommand) => {
      this.spawned(command)
      const { path, incarnation } = command
      this.alive.set(path, incarnation)
      setImmediate(() => {
        this.tell({ _tag: "Spawned", path, incarnation, pid: 2 ** 22 + incarnation, startTime: 0 })
        this.tell({ _tag: "Ready", path, incarnation })
      })
    },
    signal: () => false,
    stop: ({ path, incarnation }: { path: string; incarnation: number }) => setImmediate(() => this.fail(path, incarnation)),
    killAll: () => {}
  } as unknown as Spawner

  fail(path: string, incarnation: number): void {
    if (this.alive.get(path) !== incarnation) return
    this.alive.delete(path)
    this.tell({ _tag: "Exited", path, incarnation, code: 1, signal: undefined })
  }

  /** Resolves when `count` more spawns were given, with the time since `begin`. */
  spawns(count: number, begin: bigint): Promise<number> {
    return new Promise((resolve) => {
      let left = count
      this.spawned = () => {
        if (--left === 0) resolve(Number(process.hrtime.bigint() - begin) / 1000)
      }
    })
  }

  private tell(event: object): void {
    this.sink({ ...event, n: ++this.n, at: performance.now() } as unknown as LeafEvent)
  }
}

/** Waits for `start`, lets leaves fail, and measures until they are started again. */
const restarts = (world: Invented, start: Effect.Effect<unknown, unknown, Scope.Scope>) =>
  Effect.gen(function* () {
    yield* start
    const each: Array<number> = []
    for (let i = 0; i < EXITS; i++) {
      yield* Effect.promise(polled)
      const [path, incarnation] = [...world.alive][i % LEAVES]!
      const begin = process.hrtime.bigint()
      const done = world.spawns(1, begin)
      world.fail(path, incarnation)
      each.push(yield* Effect.promise(() => done))
    }
    const together: Array<number> = []
    for (let i = 0; i < 20; i++) {
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 5)))
      const begin = process.hrtime.bigint()
      const done = world.spawns(LEAVES, begin)
      for (const [path, incarnation] of [...world.alive]) world.fail(path, incarnation)
      together.push(yield* Effect.promise(() => done))
    }
    return { aloneUs: median(each), togetherUs: median(together) / LEAVES }
  }).pipe(Effect.scoped, Effect.provide(Layer.succeed(Spawners, { make: Effect.succeed(world.spawner) })), Effect.runPromise)

const leaf = worker({ id: "leaf", start: ["true"], backoff: constant({ delay: "0 millis" }) })
const tree = pool({ id: "root", size: LEAVES, intensity: 10 * (EXITS + LEAVES), onIntensity: "escalate", child: leaf })

/** Starts what has ended, at the end of the turn. */
function withoutKernel({ spawner }: Invented): void {
  const spawn = (path: string, incarnation: number) => spawner.spawn({ path, incarnation } as unknown as SpawnCommand)
  spawner.attach((event) => {
    if (event._tag === "Exited") setImmediate(() => spawn(event.path, event.incarnation + 1))
  })
  for (let n = 1; n <= LEAVES; n++) spawn(`/root/${n}`, 1)
}

export async function kernelFigures(): Promise<{ readonly kernel: Figures; readonly without: Figures }> {
  const [world, bare] = [new Invented(), new Invented()]
  return {
    kernel: await restarts(world, run(tree)),
    without: await restarts(
      bare,
      Effect.sync(() => withoutKernel(bare))
    )
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { kernel, without } = await kernelFigures()
  const together = `${LEAVES} at once, each`
  if (process.argv.includes("--json"))
    console.log(
      JSON.stringify({
        "one exit": kernel.aloneUs,
        "one exit, without a kernel": without.aloneUs,
        [together]: kernel.togetherUs,
        [`${together}, without a kernel`]: without.togetherUs
      })
    )
  else
    for (const [of, { aloneUs, togetherUs }] of Object.entries({ "with the kernel": kernel, "without one": without }))
      console.log(`exit heard to spawn sent, ${of}: ${aloneUs.toFixed(1)} µs alone, ${togetherUs.toFixed(2)} µs each of ${LEAVES} together`)
}
