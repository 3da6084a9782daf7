/**
 * What must hold for a HeartbeatMonitor. Here a beat is due every 100 ms; silence is suspect after 325 ms and convicted
 * after 700 ms.
 */
import assert from "node:assert/strict"
import { Detector, type Learned } from "../../../src/core/detection/Detector.ts"
import { sampleOf } from "../../../src/core/detection/RollingStats.ts"
import type { HeartbeatSilence } from "../../../src/core/Event.ts"
import type { Seen } from "../../../src/leaf/os/sample.ts"
import type { HeartbeatMonitor } from "../../../src/leaf/watch/HeartbeatMonitor.ts"
import type { Heartbeat } from "../../../src/tree/Probe.ts"
import type { Law, Monitors } from "./Law.ts"
import { Loop } from "./Loop.ts"

const usual: Heartbeat = {
  ...{ every: 100, from: { type: "fd" }, model: "hybrid", suspect: 3, convict: 8 },
  ...{ grace: 200, hangAfter: 5_000, startupGrace: 1_000 }
}
/** Fast, and with no grace: suspect after 17.7 ms, convicted after 24 ms. */
const strict: Partial<Heartbeat> = { every: 10, model: "normal", grace: 0 }
/** How much later than due a silence may be judged, as timers are whole milliseconds. */
const GRAIN_MS = 2
const SAMPLES_APART_MS = 100

/** As long as fewer than ten intervals are known. */
const timeout = (level: "suspect" | "convict", change: Partial<Heartbeat> = {}): number => {
  const { every: everyMs, model, suspect, convict, grace: graceMs, hangAfter: hangAfterMs } = { ...usual, ...change }
  return new Detector({ everyMs, model, suspect, convict, graceMs, hangAfterMs }).timeoutMs({ suspect, convict }[level])
}

class Monitored {
  readonly loop = new Loop()
  /** What was reported, and how many milliseconds after the last beat, rounded down to tens: `suspect 320`. */
  readonly reported: Array<string> = []
  readonly silences: Array<HeartbeatSilence> = []
  readonly monitor: HeartbeatMonitor
  drain = (): void => {}
  onReport = (): void => {}
  private last: number

  constructor({ HeartbeatMonitor, EventLoopLag }: Monitors, change: Partial<Heartbeat> = {}, learned?: Learned) {
    const { loop } = this
    const report = (word: string) => (silence?: HeartbeatSilence) => {
      if (silence !== undefined) this.silences.push(silence)
      this.reported.push(`${word} ${Math.floor((loop.now() - this.last) / 10) * 10}`)
      this.onReport()
    }
    this.last = loop.now()
    this.monitor = new HeartbeatMonitor({
      ...{ host: loop, heartbeat: { ...usual, ...change }, pid: 4711, startTime: 0, lag: loop.lag(EventLoopLag), learned },
      ...{ drain: () => this.drain(), onSuspect: report("suspect"), onClear: report("clear"), onConvict: report("convict") }
    })
  }

  readonly beat = (): void => {
    this.monitor.beat(this.loop.now(), undefined)
    this.last = this.loop.now()
  }

  /** Schedules beats for this long, and does not wait. */
  beats(forMs: number, every = 100): void {
    this.loop.comesEvery(every, forMs, this.beat)
  }

  async beatsAndTurns(forMs: number, every = 100): Promise<void> {
    this.beats(forMs, every)
    await this.loop.turns(forMs)
  }
}

const seen = (at: number, what: Partial<Seen>): { readonly _tag: "Seen"; readonly at: number; readonly process: Seen } => ({
  ...{ _tag: "Seen", at },
  process: { ...{ state: "S", alive: true, threads: 1, cpuMs: 0, waitedMs: 0, waitsIn: undefined, throttledMs: undefined }, ...what }
})

const between = (found: number, from: number, to: number): void =>
  assert.ok(found >= from && found <= to, `${found} is not in ${from}…${to}`)

export const heartbeatLaws: ReadonlyArray<Law> = [
  {
    title: "a silence is suspected and convicted when the detector says so, and then no timer is left",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      await p.beatsAndTurns(500)
      await p.loop.turns(3_000)
      assert.deepEqual(p.reported, ["suspect 320", "convict 700"])
      const [suspicion, conviction] = p.silences
      between(suspicion!.silenceMs, timeout("suspect"), timeout("suspect") + GRAIN_MS)
      between(conviction!.silenceMs, timeout("convict"), timeout("convict") + GRAIN_MS)
      assert.ok(Math.abs(conviction!.phi - 8) < 0.1)
      assert.equal(conviction!.everyMs, 100)
      p.monitor.stop()
      assert.equal(p.loop.pending, 0)
    }
  },
  {
    title: "a beat clears a suspect, and also a convict that is not stopped yet",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      await p.beatsAndTurns(500)
      p.loop.comes(400, p.beat)
      await p.loop.turns(400)
      p.loop.comes(900, p.beat)
      await p.loop.turns(1_000)
      assert.deepEqual(p.reported, ["suspect 320", "clear 400", "suspect 320", "convict 700", "clear 900"])
      await p.loop.turns(200)
      assert.equal(p.reported.length, 5)
    }
  },
  {
    title: "what was sent while our loop was blocked is read before anything is judged",
    holds: async (monitors) => {
      const p = new Monitored(monitors, strict)
      await p.beatsAndTurns(205, 10)
      p.beats(500, 10)
      p.loop.stands(90) // too short for our own meter, which ticks every 100 ms
      await p.loop.turns(300)
      assert.deepEqual(p.reported, [])
    }
  },
  {
    title: "after a stall, what is reported one turn after it was read also counts before anything is judged",
    holds: async (monitors) => {
      const p = new Monitored(monitors, strict)
      await p.beatsAndTurns(205, 10)
      p.loop.comesEvery(10, 500, () => p.loop.turned(p.beat))
      p.loop.stands(90)
      await p.loop.turns(300)
      assert.deepEqual(p.reported, [])
    }
  },
  {
    title: "a beat that is only found by draining counts",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      await p.beatsAndTurns(500)
      p.drain = p.beat
      await p.loop.turns(2_000)
      assert.deepEqual(p.reported, [])
    }
  },
  {
    title: "the time in which we did not run is not silence, and teaches nothing",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      await p.beatsAndTurns(550)
      p.loop.stands(5_000) // we and the child were suspended together
      p.beats(2_000)
      await p.loop.turns(2_000)
      assert.deepEqual(p.reported, [])
      await p.loop.turns(1_500)
      assert.match(p.reported.join(), /^suspect 2\d\d,convict 5\d\d$/)
    }
  },
  {
    title: "beats that were queued while we were blocked, and carry no timestamp, teach nothing",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      await p.beatsAndTurns(2_050)
      p.beats(20_000)
      p.loop.stands(20_000)
      await p.loop.turns(2_000)
      await p.beatsAndTurns(1_000)
      const { n, mean } = sampleOf(p.monitor.learned.intervals)
      assert.ok(mean >= 90, `${n} intervals of ${mean} ms`)
    }
  },
  {
    title: "our own stall postpones a conviction, and does not prevent it",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      await p.beatsAndTurns(500)
      p.loop.stands(2_000)
      await p.loop.turns(900)
      assert.equal(p.reported.length, 2)
      // The part of the stall before the next tick of our own meter is unknown.
      between(p.silences[1]!.silenceMs, 2_600, 2_700 + GRAIN_MS)
    }
  },
  {
    title: "the time in which it waited for a CPU is not silence",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      await p.beatsAndTurns(500)
      for (let ms = 0; ms < 1_500; ms += 10) {
        p.loop.cpuWaitMs = (p.loop.cpuWaitMs ?? 0) + 9
        await p.loop.turns(10)
      }
      assert.deepEqual(p.reported, [])
    }
  },
  {
    title: "a process that waits for a CPU for ever is convicted after hangAfter",
    holds: async (monitors) => {
      const p = new Monitored(monitors, { hangAfter: 2_000 })
      await p.beatsAndTurns(500)
      for (let ms = 0; ms < 2_200; ms += 10) {
        p.loop.cpuWaitMs = (p.loop.cpuWaitMs ?? 0) + 10
        await p.loop.turns(10)
      }
      assert.equal(p.reported.at(-1), "convict 2000")
    }
  },
  {
    title: "what it waited for a CPU before its last beats excuses nothing",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      p.beats(5_000)
      for (let ms = 0; ms < 5_000; ms += 10) {
        p.loop.cpuWaitMs = (p.loop.cpuWaitMs ?? 0) + 5
        await p.loop.turns(10)
      }
      await p.loop.turns(2_000)
      // The wait is read four times a second.
      between(p.silences.at(-1)!.silenceMs, 400, 700 + 250)
      assert.equal(p.reported.length, 2)
    }
  },
  {
    title: "if the system does not say how long it waited, nothing is excused",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      p.loop.cpuWaitMs = undefined
      await p.beatsAndTurns(500)
      await p.loop.turns(2_000)
      assert.deepEqual(p.reported, ["suspect 320", "convict 700"])
    }
  },
  {
    title: "the first beat has all of the startup grace, from when it is ready",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      p.loop.comes(990, p.beat)
      await p.loop.turns(995)
      assert.deepEqual(p.reported, [])
      await p.loop.turns(800)
      assert.deepEqual(p.reported, ["suspect 320", "convict 700"])
    }
  },
  {
    title: "a process that never beats is convicted after its startup grace, extended by our own stalls",
    holds: async (monitors) => {
      const [one, other] = [new Monitored(monitors), new Monitored(monitors)]
      await one.loop.turns(3_000)
      assert.deepEqual(one.reported, ["suspect 1000", "convict 1100"])
      other.loop.stands(500)
      await other.loop.turns(3_000)
      assert.deepEqual(other.reported, ["suspect 1400", "convict 1500"])
    }
  },
  {
    title: "a startup grace shorter than a normal pause does not count",
    holds: async (monitors) => {
      const p = new Monitored(monitors, { startupGrace: 0 })
      await p.loop.turns(3_000)
      assert.deepEqual(p.reported, ["suspect 320", "convict 700"])
    }
  },
  {
    title: "after the machine has slept silence starts from zero, and the first beat has the startup grace",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      await p.beatsAndTurns(500)
      p.loop.sleeps(3_600_000)
      p.loop.comes(1_200, p.beat) // it had to be swapped in again
      await p.loop.turns(1_200)
      assert.deepEqual(p.reported, [])
      await p.loop.turns(2_000)
      assert.deepEqual(p.reported, ["suspect 320", "convict 700"])
    }
  },
  {
    title: "a suspect is cleared when the machine has slept, and judged again",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      await p.beatsAndTurns(500)
      await p.loop.turns(400)
      p.loop.sleeps(3_600_000)
      await p.loop.turns(2_000)
      assert.deepEqual(p.reported, ["suspect 320", "clear 700", "suspect 1700", "convict 1800"])
    }
  },
  {
    title: "the evidence is what it did between suspicion and conviction",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      p.loop.sampleAt = (at) => seen(at, { state: "R", cpuMs: at })
      await p.beatsAndTurns(500)
      await p.loop.turns(1_000)
      assert.match(p.silences[1]!.evidence, /^it spins: used \d+ms of CPU in \d+ms$/)
    }
  },
  {
    title: "there is evidence also if suspicion and conviction are due at the same time: a moment passes between them",
    holds: async (monitors) => {
      const never = new Monitored(monitors)
      never.loop.sampleAt = (at) => seen(at, { waitsIn: "futex_wait" })
      await never.loop.turns(2_000)
      assert.equal(never.silences[1]!.evidence, "it waits in futex_wait and uses no CPU")
      const capped = new Monitored(monitors, { every: 400, hangAfter: 500 })
      capped.loop.sampleAt = (at) => seen(at, { waitsIn: "pipe_read" })
      await capped.beatsAndTurns(1_200, 400)
      await capped.loop.turns(1_000)
      between(capped.silences[1]!.silenceMs, 500 + SAMPLES_APART_MS, 500 + SAMPLES_APART_MS + GRAIN_MS)
      assert.equal(capped.silences[1]!.evidence, "it waits in pipe_read and uses no CPU")
    }
  },
  {
    title: "a stopped process is recognised in the first sample, and a closed channel is reported",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      p.loop.sampleAt = (at) => seen(at, { state: "T" })
      await p.beatsAndTurns(500)
      p.monitor.lost()
      await p.loop.turns(1_000)
      assert.deepEqual(
        p.silences.map(({ evidence }) => evidence),
        Array(2).fill("it is stopped (state T); its channel is closed")
      )
      const unseen = new Monitored(monitors)
      await unseen.beatsAndTurns(500)
      unseen.monitor.lost()
      await unseen.loop.turns(1_000)
      assert.equal(unseen.silences[1]!.evidence, "its channel is closed")
    }
  },
  {
    title: "a process that becomes slower is suspected at first, never convicted, and in the end not suspected any more",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      await p.beatsAndTurns(3_000)
      await p.beatsAndTurns(10 * 450, 450)
      assert.match(p.reported[0] ?? "", /^suspect/)
      const before = p.reported.length
      await p.beatsAndTurns(20 * 450, 450)
      assert.equal(p.reported.length, before)
      assert.doesNotMatch(p.reported.join(), /convict/)
    }
  },
  {
    title: "what one incarnation has taught is known to the next",
    holds: async (monitors) => {
      const first = new Monitored(monitors)
      await first.beatsAndTurns(2_000)
      await first.beatsAndTurns(450, 450)
      const { learned } = first.monitor
      first.monitor.stop()
      assert.deepEqual(first.reported, ["suspect 250", "clear 450"])
      const second = new Monitored(monitors, {}, learned)
      await second.beatsAndTurns(500)
      await second.beatsAndTurns(340, 340)
      assert.deepEqual(second.reported, [])
    }
  },
  {
    title: "a stopped monitor waits for nothing and reports nothing, whatever it was doing",
    holds: async (monitors) => {
      for (const ms of [0, 320, 500, 1_500]) {
        const p = new Monitored(monitors)
        await p.beatsAndTurns(500)
        await p.loop.turns(ms)
        const reported = p.reported.length
        p.monitor.stop()
        assert.equal(p.loop.pending, 0)
        p.beat()
        await p.loop.turns(5_000)
        assert.equal(p.loop.pending, 0)
        assert.equal(p.reported.length, reported)
      }
    }
  },
  {
    title: "a monitor that is stopped by what it reports waits for nothing",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      await p.beatsAndTurns(500)
      p.onReport = () => p.monitor.stop()
      await p.loop.turns(2_000)
      assert.deepEqual([p.reported, p.loop.pending], [["suspect 320"], 0])
      const cleared = new Monitored(monitors)
      await cleared.beatsAndTurns(500)
      await cleared.loop.turns(500)
      cleared.onReport = () => cleared.monitor.stop()
      cleared.beat()
      assert.deepEqual([cleared.reported.length, cleared.loop.pending], [2, 0])
    }
  },
  {
    title: "a monitor stopped in the turn in which it would judge does not",
    holds: async (monitors) => {
      const p = new Monitored(monitors)
      await p.beatsAndTurns(500)
      p.drain = () => p.monitor.stop()
      await p.loop.turns(2_000)
      assert.deepEqual([p.reported, p.loop.pending], [[], 0])
    }
  }
]
