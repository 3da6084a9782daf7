/** What must hold of the watch over one life, and of who keeps the watches of a tree. */

import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import type { HeartbeatSourceSpec, WorkerSpec } from "supervise"
import type { Learned } from "../../../src/core/detection/Detector.ts"
import type { Event } from "../../../src/core/Event.ts"
import { make, step } from "../../../src/core/Machine.ts"
import { sayCheck } from "../../../src/core/Sentence.ts"
import type { BeatListener } from "../../../src/leaf/Spawner.ts"
import type { WorkerMonitor } from "../../../src/leaf/watch/WorkerMonitor.ts"
import type { Observer } from "../../../src/runtime/kernel/Kernel.ts"
import type { TreeEvent } from "../../../src/runtime/read/TreeEvent.ts"
import { decodeTreeResult } from "../../../src/tree/decode.ts"
import { aWorker, target } from "./aWorker.ts"
import type { Law, Watching } from "./Law.ts"
import { Loop } from "./Loop.ts"

const tcp = { type: "tcp", port: 80 } as const
const http = { type: "http", url: "http://localhost" } as const
const beating = { every: "100ms", grace: "200ms", hangAfter: "5s", startupGrace: "1s" } as const

class Watched {
  readonly loop = new Loop()
  readonly said: Array<string> = []
  readonly watch: WorkerMonitor

  constructor({ WorkerMonitor, EventLoopLag }: Watching, worker: Partial<WorkerSpec>, learned?: Learned) {
    const { loop } = this
    const say = (text: string): void => void this.said.push(text)
    this.watch = new WorkerMonitor({
      ...{ worker: aWorker(worker), target, lag: loop.lag(EventLoopLag), learned, host: loop },
      findings: {
        ready: () => say("ready"),
        health: (healthy, because) => say(healthy ? "healthy" : because),
        suspected: () => say("suspected"),
        cleared: () => say("cleared"),
        convicted: (exit) => say(exit._tag === "Hung" ? "hung" : `unhealthy: ${sayCheck(exit)} ${exit.failures} times: ${exit.because}`)
      }
    })
  }

  asked(type: string): number {
    return this.loop.asked.get(type)?.length ?? 0
  }
}

const checks: ReadonlyArray<Law> = [
  {
    title: "a worker is ready when its check says so, and until then only why not is told",
    holds: async (watching) => {
      const w = new Watched(watching, { ready: { ...tcp, interval: "1s", failureThreshold: 1, successThreshold: 2 } })
      const answers = ["no", "no", undefined, "still no", undefined, undefined, undefined]
      w.loop.answers = () => answers[w.asked("tcp") - 1]
      await w.loop.turns(4_500)
      assert.deepEqual(w.said, ["no", "no", "still no"])
      await w.loop.turns(1_000)
      assert.deepEqual(w.said.slice(3), ["ready"])
      w.watch.up()
      await w.loop.turns(10_000)
      assert.deepEqual([w.said.length, w.asked("tcp")], [4, 6])
    }
  },
  {
    title: "before it is ready nobody asks whether it is well, and no silence counts",
    holds: async (watching) => {
      const health = { ...http, interval: "1s", failureThreshold: 1 } as const
      for (const ready of [{ ...tcp, interval: "1s" }, "fd"] as const) {
        const w = new Watched(watching, { ready: ready === "fd" ? { type: "fd", fd: 3 } : ready, health, heartbeat: beating })
        w.loop.answers = () => "no"
        w.watch.beat(w.loop.now(), undefined)
        await w.loop.turns(60_000)
        assert.deepEqual(new Set(w.said), new Set(ready === "fd" ? [] : ["no"]))
        assert.equal(w.asked("http"), 0)
        w.watch.up()
        await w.loop.turns(900)
        assert.equal(w.said.at(-1), "unhealthy: http 1 times: no")
        assert.equal(w.said.includes("suspected"), false)
        await w.loop.turns(300)
        assert.deepEqual(w.said.slice(-2), ["suspected", "hung"])
      }
    }
  },
  {
    title: "a check that restarts convicts after so many failures, and one that reports never does",
    holds: async (watching) => {
      for (const onFailure of ["restart", "report"] as const) {
        const w = new Watched(watching, { health: { ...tcp, interval: "1s", onFailure } })
        let verdict: string | undefined
        w.loop.answers = () => verdict
        w.watch.up()
        await w.loop.turns(2_500)
        assert.deepEqual(w.said, onFailure === "report" ? ["healthy"] : [])
        verdict = "refused"
        await w.loop.turns(2_000)
        assert.equal(w.said.length, onFailure === "report" ? 1 : 0)
        await w.loop.turns(1_000)
        assert.equal(w.said.at(-1), onFailure === "report" ? "its tcp check failed: refused" : "unhealthy: tcp 3 times: refused")
        verdict = undefined
        await w.loop.turns(1_000)
        if (onFailure === "report") assert.equal(w.said.at(-1), "healthy")
      }
    }
  },
  {
    title: "of several checks that report all must be well, and one ailment is told as long as there is one",
    holds: async (watching) => {
      const times = { interval: "1s", failureThreshold: 1, onFailure: "report" } as const
      const w = new Watched(watching, {
        health: [
          { ...tcp, ...times },
          { ...http, ...times }
        ]
      })
      const bad = new Set<string>()
      w.loop.answers = (type) => (bad.has(type) ? "no" : undefined)
      const turn = async (): Promise<string | undefined> => {
        await w.loop.turns(1_000)
        return w.said.at(-1)
      }
      w.watch.up()
      assert.equal(await turn(), "healthy")
      bad.add("http")
      assert.equal(await turn(), "its http check failed: no")
      bad.add("tcp")
      assert.equal(await turn(), "its http check failed: no")
      bad.delete("http")
      assert.equal(await turn(), "its tcp check failed: no")
      bad.delete("tcp")
      assert.equal(await turn(), "healthy")
    }
  },
  {
    title: "of several checks of a kind it is told which one failed",
    holds: async (watching) => {
      const health = [3, 1, 3].map((failureThreshold) => ({ ...tcp, interval: "1s" as const, failureThreshold }))
      const w = new Watched(watching, { health })
      w.loop.answers = () => "no"
      w.watch.up()
      await w.loop.turns(1_000)
      assert.deepEqual(w.said, ["unhealthy: 2nd tcp 1 times: no"])
    }
  },
  {
    title: "a check that fails while we do not run is not held against it",
    holds: async (watching) => {
      const w = new Watched(watching, { health: { ...tcp, interval: "1s", timeout: "1s", failureThreshold: 1 } })
      w.watch.up()
      await w.loop.turns(100)
      w.loop.stands(3_000)
      await w.loop.turns(10)
      w.loop.asked.get("tcp")![0]!.answer("did not answer within 1s")
      await w.loop.turns(10)
      await w.loop.turns(10)
      assert.deepEqual(w.said, [])
      w.loop.asked.get("tcp")![1]!.answer("refused")
      await w.loop.turns(10)
      assert.deepEqual(w.said, ["unhealthy: tcp 1 times: refused"])
    }
  }
]

const sources: ReadonlyArray<readonly [HeartbeatSourceSpec, type: string]> = [
  [http, "http"],
  [tcp, "tcp"],
  [{ type: "exec", command: ["true"] }, "exec"],
  [{ type: "unix", path: "app.sock" }, "unix"]
]

const hearts: ReadonlyArray<Law> = [
  {
    title: "the successes of a check are its beats, and its failures are none",
    holds: async (watching) => {
      for (const [from, type] of sources) {
        const w = new Watched(watching, { heartbeat: { ...beating, from } })
        let verdict: string | undefined
        w.loop.answers = () => verdict
        w.watch.up()
        await w.loop.turns(2_000)
        assert.deepEqual([w.said, w.asked(type)], [[], 20])
        verdict = "no"
        await w.loop.turns(1_000)
        assert.deepEqual(w.said, ["suspected", "hung"])
      }
    }
  },
  {
    title: "a line of its output that matches is a beat, another is none",
    holds: async (watching) => {
      const w = new Watched(watching, { heartbeat: { ...beating, from: { type: "line", pattern: "^tick" } } })
      w.watch.up()
      w.loop.comesEvery(100, 2_000, () => w.watch.line("tick"))
      await w.loop.turns(2_000)
      assert.deepEqual(w.said, [])
      w.loop.comesEvery(100, 2_000, () => w.watch.line("tock"))
      await w.loop.turns(2_000)
      assert.deepEqual(w.said, ["suspected", "hung"])
    }
  },
  {
    title: "what the hearts of earlier lives have learned the next one is given",
    holds: async (watching) => {
      const first = new Watched(watching, { heartbeat: beating })
      assert.equal(first.watch.learned, undefined)
      first.watch.up()
      first.loop.comesEvery(100, 2_000, (at) => first.watch.beat(at, undefined))
      first.loop.comes(2_450, () => first.watch.beat(first.loop.now(), undefined))
      await first.loop.turns(2_500)
      const { learned } = first.watch
      first.watch.stop()
      assert.deepEqual(first.said, ["suspected", "cleared"])
      const second = new Watched(watching, { heartbeat: beating }, learned)
      second.watch.up()
      for (const at of [100, 200, 540]) second.loop.comes(at, () => second.watch.beat(second.loop.now(), undefined))
      await second.loop.turns(540)
      assert.deepEqual(second.said, [])
      assert.equal(second.watch.learned, learned)
    }
  },
  {
    title: "a channel that was closed before it was ready is still closed",
    holds: async (watching) => {
      const { WorkerMonitor } = watching
      const loop = new Loop()
      const told: Array<string> = []
      const note = (silence: { readonly evidence: string }): void => void told.push(silence.evidence)
      const nothing = (): void => {}
      const watch = new WorkerMonitor({
        ...{ worker: aWorker({ heartbeat: beating }), target, lag: loop.lag(watching.EventLoopLag), learned: undefined, host: loop },
        findings: { ready: nothing, health: nothing, cleared: nothing, convicted: nothing, suspected: note }
      })
      watch.lost()
      watch.up()
      await loop.turns(2_000)
      assert.deepEqual(told, ["its channel is closed"])
    }
  },
  {
    title: "stopped it leaves nothing: no timer, and no question",
    holds: async (watching) => {
      const every = { interval: "1s" } as const
      for (const state of ["starting", "up", "later"]) {
        const health = [
          { ...tcp, ...every },
          { ...http, ...every }
        ]
        const w = new Watched(watching, { ready: { ...tcp, ...every }, health, heartbeat: { ...beating, from: sources[3]![0] } })
        await w.loop.turns(10)
        if (state !== "starting") w.watch.up()
        if (state === "later") await w.loop.turns(400)
        w.watch.stop()
        await w.loop.turns(0)
        assert.equal(w.loop.pending, 0)
        const all = [...w.loop.asked.values()].flat()
        assert.deepEqual(
          all.filter(({ isOver }) => !isOver),
          []
        )
        const said = w.said.length
        await w.loop.turns(60_000)
        assert.deepEqual([w.said.length, [...w.loop.asked.values()].flat().length], [said, all.length])
      }
    }
  }
]

/** A tree whose state is the core's, and whose processes are only told of. */
class Told {
  readonly loop = new Loop()
  readonly sent: Array<Event> = []
  readonly state = make(Result.getOrThrow(decodeTreeResult(this.spec)), 1)
  readonly scope = Scope.makeUnsafe()
  private watcher = (_: TreeEvent): void => {}
  private listener: BeatListener = { beat: () => {}, lost: () => {} }

  constructor({ monitor, EventLoopLag }: Watching) {
    step(this.state, { _tag: "Boot" }, 0)
    const kernel = {
      state: this.state,
      send: (event: Event): void => void this.sent.push(event),
      observe: ({ told = () => {} }: Observer) => {
        this.watcher = told
        return () => {
          this.watcher = () => {}
        }
      }
    }
    const spawner = {
      onBeats: (listener: BeatListener): void => {
        this.listener = listener
      }
    }
    Effect.runSync(Scope.provide(monitor(kernel, spawner, "/", this.loop.lag(EventLoopLag), this.loop), this.scope))
  }

  private get spec() {
    return {
      type: "supervisor",
      id: "shop",
      children: [
        { type: "worker", id: "web", start: ["web"], heartbeat: beating },
        { type: "worker", id: "plain", start: ["plain"] }
      ]
    }
  }

  tell(event: object, incarnation = 1, path = "/shop/web"): void {
    this.watcher({ path, incarnation, seq: 0, at: 0, ...event } as TreeEvent)
  }

  /** Comes up. */
  up(incarnation: number, path?: string): void {
    this.tell({ _tag: "Spawned", pid: 4711, startTime: 0 }, incarnation, path)
    this.tell({ _tag: "Started", tookMs: 0 }, incarnation, path)
  }

  async beats(incarnation: number, ...intervals: ReadonlyArray<number>): Promise<void> {
    for (const ms of intervals) {
      await this.loop.turns(ms)
      this.listener.beat({ path: "/shop/web", incarnation }, this.loop.now(), undefined)
    }
  }

  tags(): ReadonlyArray<string> {
    return this.sent.map((event) => `${event._tag} ${"incarnation" in event ? event.incarnation : ""}`.trim())
  }
}

const steady = (n: number): ReadonlyArray<number> => Array(n).fill(100)

const monitor: ReadonlyArray<Law> = [
  {
    title: "of a life that hangs the core is told, by its number, and of its last life's beats nothing",
    holds: async (watching) => {
      const t = new Told(watching)
      t.up(1)
      await t.beats(1, ...steady(3))
      t.up(2)
      await t.beats(1, ...steady(20))
      assert.deepEqual(t.tags(), ["Suspected 2", "Convicted 2"])
      t.tell({ _tag: "Convicted" }, 2)
      assert.equal(t.loop.pending, 0)
    }
  },
  {
    title: "who is stopped, or has ended, is not looked at any more; who has nothing to be looked at never is",
    holds: async (watching) => {
      for (const _tag of ["Stopping", "Stopped", "Exited", "StartFailed", "Convicted"]) {
        const t = new Told(watching)
        t.up(1)
        await t.beats(1, ...steady(3))
        t.tell({ _tag }, 0) // of an earlier life
        assert.notEqual(t.loop.pending, 0)
        t.tell({ _tag })
        assert.equal(t.loop.pending, 0)
      }
      const plain = new Told(watching)
      plain.up(1, "/shop/plain")
      assert.equal(plain.loop.pending, 0)
    }
  },
  {
    title: "what one life has taught is not forgotten with it",
    holds: async (watching) => {
      const t = new Told(watching)
      t.up(1)
      await t.beats(1, ...steady(20), 450, ...steady(3))
      assert.deepEqual(t.tags(), ["Suspected 1", "Cleared 1"])
      t.tell({ _tag: "Exited" })
      t.up(2)
      await t.beats(2, 100, 100, 340, 100)
      assert.equal(t.sent.length, 2)
      t.tell({ _tag: "Exited" }, 2)
      t.up(3) // also when a life has taught nothing new
      t.tell({ _tag: "Exited" }, 3)
      t.up(4)
      await t.beats(4, 100, 100, 340, 100)
      assert.equal(t.sent.length, 2)
    }
  },
  {
    title: "closed it looks at nobody",
    holds: async (watching) => {
      const t = new Told(watching)
      t.up(1)
      await t.beats(1, ...steady(3))
      Effect.runSync(Scope.close(t.scope, Exit.void))
      assert.equal(t.loop.pending, 0)
      t.up(2)
      assert.equal(t.loop.pending, 0)
    }
  }
]

export const watchLaws: ReadonlyArray<Law> = [...checks, ...hearts, ...monitor]
