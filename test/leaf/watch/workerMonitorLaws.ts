/** What must hold for a WorkerMonitor, and for the runtime's Monitor of a whole tree. */
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
import type { Law, Monitors } from "./Law.ts"
import { Loop } from "./Loop.ts"

const tcp = { type: "tcp", port: 80 } as const
const http = { type: "http", url: "http://localhost" } as const
const beating = { every: "100ms", grace: "200ms", hangAfter: "5s", startupGrace: "1s" } as const

class MonitorTest {
  readonly loop = new Loop()
  readonly reported: Array<string> = []
  readonly monitor: WorkerMonitor

  constructor({ WorkerMonitor, EventLoopLag }: Monitors, worker: Partial<WorkerSpec>, learned?: Learned) {
    const { loop } = this
    const report = (text: string): void => void this.reported.push(text)
    this.monitor = new WorkerMonitor({
      ...{ worker: aWorker(worker), target, lag: loop.lag(EventLoopLag), learned, host: loop },
      findings: {
        ready: () => report("ready"),
        health: (healthy, because) => report(healthy ? "healthy" : because),
        suspected: () => report("suspected"),
        cleared: () => report("cleared"),
        convicted: (exit) => report(exit._tag === "Hung" ? "hung" : `unhealthy: ${sayCheck(exit)} ${exit.failures} times: ${exit.because}`)
      }
    })
  }

  runsOf(type: string): number {
    return this.loop.runs.get(type)?.length ?? 0
  }
}

const checks: ReadonlyArray<Law> = [
  {
    title: "a worker is ready when its check succeeds, and until then each failure is reported",
    holds: async (monitors) => {
      const w = new MonitorTest(monitors, { ready: { ...tcp, interval: "1s", failureThreshold: 1, successThreshold: 2 } })
      const answers = ["no", "no", undefined, "still no", undefined, undefined, undefined]
      w.loop.resultOf = () => answers[w.runsOf("tcp") - 1]
      await w.loop.turns(4_500)
      assert.deepEqual(w.reported, ["no", "no", "still no"])
      await w.loop.turns(1_000)
      assert.deepEqual(w.reported.slice(3), ["ready"])
      w.monitor.up()
      await w.loop.turns(10_000)
      assert.deepEqual([w.reported.length, w.runsOf("tcp")], [4, 6])
    }
  },
  {
    title: "before it is ready no health check runs, and no silence counts",
    holds: async (monitors) => {
      const health = { ...http, interval: "1s", failureThreshold: 1 } as const
      for (const ready of [{ ...tcp, interval: "1s" }, "fd"] as const) {
        const w = new MonitorTest(monitors, { ready: ready === "fd" ? { type: "fd", fd: 3 } : ready, health, heartbeat: beating })
        w.loop.resultOf = () => "no"
        w.monitor.beat(w.loop.now(), undefined)
        await w.loop.turns(60_000)
        assert.deepEqual(new Set(w.reported), new Set(ready === "fd" ? [] : ["no"]))
        assert.equal(w.runsOf("http"), 0)
        w.monitor.up()
        await w.loop.turns(900)
        assert.equal(w.reported.at(-1), "unhealthy: http 1 times: no")
        assert.equal(w.reported.includes("suspected"), false)
        await w.loop.turns(300)
        assert.deepEqual(w.reported.slice(-2), ["suspected", "hung"])
      }
    }
  },
  {
    title: "a check that restarts convicts at its failure threshold, and one that reports never does",
    holds: async (monitors) => {
      for (const onFailure of ["restart", "report"] as const) {
        const w = new MonitorTest(monitors, { health: { ...tcp, interval: "1s", onFailure } })
        let result: string | undefined
        w.loop.resultOf = () => result
        w.monitor.up()
        await w.loop.turns(2_500)
        assert.deepEqual(w.reported, onFailure === "report" ? ["healthy"] : [])
        result = "refused"
        await w.loop.turns(2_000)
        assert.equal(w.reported.length, onFailure === "report" ? 1 : 0)
        await w.loop.turns(1_000)
        assert.equal(w.reported.at(-1), onFailure === "report" ? "its tcp check failed: refused" : "unhealthy: tcp 3 times: refused")
        result = undefined
        await w.loop.turns(1_000)
        if (onFailure === "report") assert.equal(w.reported.at(-1), "healthy")
      }
    }
  },
  {
    title: "of several checks that report all must be well, and one failure is reported while there is one",
    holds: async (monitors) => {
      const times = { interval: "1s", failureThreshold: 1, onFailure: "report" } as const
      const w = new MonitorTest(monitors, {
        health: [
          { ...tcp, ...times },
          { ...http, ...times }
        ]
      })
      const bad = new Set<string>()
      w.loop.resultOf = (type) => (bad.has(type) ? "no" : undefined)
      const turn = async (): Promise<string | undefined> => {
        await w.loop.turns(1_000)
        return w.reported.at(-1)
      }
      w.monitor.up()
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
    title: "of several checks of one kind the report says which one failed",
    holds: async (monitors) => {
      const health = [3, 1, 3].map((failureThreshold) => ({ ...tcp, interval: "1s" as const, failureThreshold }))
      const w = new MonitorTest(monitors, { health })
      w.loop.resultOf = () => "no"
      w.monitor.up()
      await w.loop.turns(1_000)
      assert.deepEqual(w.reported, ["unhealthy: 2nd tcp 1 times: no"])
    }
  },
  {
    title: "a check that fails while we do not run does not count",
    holds: async (monitors) => {
      const w = new MonitorTest(monitors, { health: { ...tcp, interval: "1s", timeout: "1s", failureThreshold: 1 } })
      w.monitor.up()
      await w.loop.turns(100)
      w.loop.stands(3_000)
      await w.loop.turns(10)
      w.loop.runs.get("tcp")![0]!.settle("did not answer within 1s")
      await w.loop.turns(10)
      await w.loop.turns(10)
      assert.deepEqual(w.reported, [])
      w.loop.runs.get("tcp")![1]!.settle("refused")
      await w.loop.turns(10)
      assert.deepEqual(w.reported, ["unhealthy: tcp 1 times: refused"])
    }
  }
]

const sources: ReadonlyArray<readonly [HeartbeatSourceSpec, type: string]> = [
  [http, "http"],
  [tcp, "tcp"],
  [{ type: "exec", command: ["true"] }, "exec"],
  [{ type: "unix", path: "app.sock" }, "unix"]
]

const heartbeats: ReadonlyArray<Law> = [
  {
    title: "successes of a check are beats, and its failures are none",
    holds: async (monitors) => {
      for (const [from, type] of sources) {
        const w = new MonitorTest(monitors, { heartbeat: { ...beating, from } })
        let result: string | undefined
        w.loop.resultOf = () => result
        w.monitor.up()
        await w.loop.turns(2_000)
        assert.deepEqual([w.reported, w.runsOf(type)], [[], 20])
        result = "no"
        await w.loop.turns(1_000)
        assert.deepEqual(w.reported, ["suspected", "hung"])
      }
    }
  },
  {
    title: "a matching line of its output is a beat, any other is none",
    holds: async (monitors) => {
      const w = new MonitorTest(monitors, { heartbeat: { ...beating, from: { type: "line", pattern: "^tick" } } })
      w.monitor.up()
      w.loop.comesEvery(100, 2_000, () => w.monitor.line({ stream: "stdout", text: "tick", continues: false }))
      await w.loop.turns(2_000)
      assert.deepEqual(w.reported, [])
      w.loop.comesEvery(100, 2_000, () => w.monitor.line({ stream: "stdout", text: "tock", continues: false }))
      await w.loop.turns(2_000)
      assert.deepEqual(w.reported, ["suspected", "hung"])
    }
  },
  {
    title: "what earlier incarnations have taught is given to the next",
    holds: async (monitors) => {
      const first = new MonitorTest(monitors, { heartbeat: beating })
      assert.equal(first.monitor.learned, undefined)
      first.monitor.up()
      first.loop.comesEvery(100, 2_000, (at) => first.monitor.beat(at, undefined))
      first.loop.comes(2_450, () => first.monitor.beat(first.loop.now(), undefined))
      await first.loop.turns(2_500)
      const { learned } = first.monitor
      first.monitor.stop()
      assert.deepEqual(first.reported, ["suspected", "cleared"])
      const second = new MonitorTest(monitors, { heartbeat: beating }, learned)
      second.monitor.up()
      for (const at of [100, 200, 540]) second.loop.comes(at, () => second.monitor.beat(second.loop.now(), undefined))
      await second.loop.turns(540)
      assert.deepEqual(second.reported, [])
      assert.equal(second.monitor.learned, learned)
    }
  },
  {
    title: "a channel closed before it was ready is still closed",
    holds: async (monitors) => {
      const { WorkerMonitor } = monitors
      const loop = new Loop()
      const evidence: Array<string> = []
      const note = (silence: { readonly evidence: string }): void => void evidence.push(silence.evidence)
      const nothing = (): void => {}
      const monitor = new WorkerMonitor({
        ...{ worker: aWorker({ heartbeat: beating }), target, lag: loop.lag(monitors.EventLoopLag), learned: undefined, host: loop },
        findings: { ready: nothing, health: nothing, cleared: nothing, convicted: nothing, suspected: note }
      })
      monitor.lost()
      monitor.up()
      await loop.turns(2_000)
      assert.deepEqual(evidence, ["its channel is closed"])
    }
  },
  {
    title: "a stopped monitor leaves nothing: no timer, and no check",
    holds: async (monitors) => {
      const every = { interval: "1s" } as const
      for (const state of ["starting", "up", "later"]) {
        const health = [
          { ...tcp, ...every },
          { ...http, ...every }
        ]
        const w = new MonitorTest(monitors, { ready: { ...tcp, ...every }, health, heartbeat: { ...beating, from: sources[3]![0] } })
        await w.loop.turns(10)
        if (state !== "starting") w.monitor.up()
        if (state === "later") await w.loop.turns(400)
        w.monitor.stop()
        await w.loop.turns(0)
        assert.equal(w.loop.pending, 0)
        const all = [...w.loop.runs.values()].flat()
        assert.deepEqual(
          all.filter(({ isOver }) => !isOver),
          []
        )
        const reported = w.reported.length
        await w.loop.turns(60_000)
        assert.deepEqual([w.reported.length, [...w.loop.runs.values()].flat().length], [reported, all.length])
      }
    }
  }
]

/** A tree with the core's state, whose processes exist only as events. */
class TreeMonitorTest {
  readonly loop = new Loop()
  readonly sent: Array<Event> = []
  readonly state = make(Result.getOrThrow(decodeTreeResult(this.spec)), 1)
  readonly scope = Scope.makeUnsafe()
  private watcher = (_: TreeEvent): void => {}
  private listener: BeatListener = { beat: () => {}, lost: () => {}, failed: () => {} }

  constructor({ monitor, EventLoopLag }: Monitors) {
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

  /** It is spawned and ready. */
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

const treeMonitor: ReadonlyArray<Law> = [
  {
    title: "the core is informed of a hang by its incarnation, and beats of an earlier incarnation do not count",
    holds: async (monitors) => {
      const t = new TreeMonitorTest(monitors)
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
    title: "a worker that is stopped or has ended is no longer monitored; one without probes never is",
    holds: async (monitors) => {
      for (const _tag of ["Stopping", "Stopped", "Exited", "StartFailed", "Convicted"]) {
        const t = new TreeMonitorTest(monitors)
        t.up(1)
        await t.beats(1, ...steady(3))
        t.tell({ _tag }, 0) // of an earlier incarnation
        assert.notEqual(t.loop.pending, 0)
        t.tell({ _tag })
        assert.equal(t.loop.pending, 0)
      }
      const plain = new TreeMonitorTest(monitors)
      plain.up(1, "/shop/plain")
      assert.equal(plain.loop.pending, 0)
    }
  },
  {
    title: "what one incarnation has taught is not forgotten with it",
    holds: async (monitors) => {
      const t = new TreeMonitorTest(monitors)
      t.up(1)
      await t.beats(1, ...steady(20), 450, ...steady(3))
      assert.deepEqual(t.tags(), ["Suspected 1", "Cleared 1"])
      t.tell({ _tag: "Exited" })
      t.up(2)
      await t.beats(2, 100, 100, 340, 100)
      assert.equal(t.sent.length, 2)
      t.tell({ _tag: "Exited" }, 2)
      t.up(3) // also when an incarnation has taught nothing new
      t.tell({ _tag: "Exited" }, 3)
      t.up(4)
      await t.beats(4, 100, 100, 340, 100)
      assert.equal(t.sent.length, 2)
    }
  },
  {
    title: "a closed monitor monitors nothing",
    holds: async (monitors) => {
      const t = new TreeMonitorTest(monitors)
      t.up(1)
      await t.beats(1, ...steady(3))
      Effect.runSync(Scope.close(t.scope, Exit.void))
      assert.equal(t.loop.pending, 0)
      t.up(2)
      assert.equal(t.loop.pending, 0)
    }
  }
]

export const workerLaws: ReadonlyArray<Law> = [...checks, ...heartbeats, ...treeMonitor]
