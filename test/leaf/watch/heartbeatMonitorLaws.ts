/** What must hold of one heart, in the words of its time: 100 ms from beat to beat, suspect after 325 ms, convicted after 700 ms. */
import assert from "node:assert/strict"
import { Detector, type Learned } from "../../../src/core/detection/Detector.ts"
import { sampleOf } from "../../../src/core/detection/RollingStats.ts"
import type { HeartbeatSilence } from "../../../src/core/Event.ts"
import type { Seen } from "../../../src/leaf/os/sample.ts"
import type { HeartbeatMonitor } from "../../../src/leaf/watch/HeartbeatMonitor.ts"
import type { Heartbeat } from "../../../src/tree/Probe.ts"
import type { Law, Watching } from "./Law.ts"
import { Loop } from "./Loop.ts"

const usual: Heartbeat = {
  ...{ every: 100, from: { type: "fd" }, model: "hybrid", suspect: 3, convict: 8 },
  ...{ grace: 200, hangAfter: 5_000, startupGrace: 1_000 }
}
/** Fast, and judged without mercy: suspect after 17.7 ms, convicted after 24 ms. */
const strict: Partial<Heartbeat> = { every: 10, model: "normal", grace: 0 }
/** What a silence may be beyond the time at which it is due, as timers are whole milliseconds. */
const GRAIN_MS = 2
const LOOKS_APART_MS = 100

/** From fewer than ten intervals. */
const timeout = (level: "suspect" | "convict", change: Partial<Heartbeat> = {}): number => {
  const { every: everyMs, model, suspect, convict, grace: graceMs, hangAfter: hangAfterMs } = { ...usual, ...change }
  return new Detector({ everyMs, model, suspect, convict, graceMs, hangAfterMs }).timeoutMs({ suspect, convict }[level])
}

class Patient {
  readonly loop = new Loop()
  /** `suspect 325`: what was said, and how many milliseconds after the last beat, in tens. */
  readonly said: Array<string> = []
  readonly silences: Array<HeartbeatSilence> = []
  readonly heart: HeartbeatMonitor
  drain = (): void => {}
  private last: number

  constructor({ HeartbeatMonitor, EventLoopLag }: Watching, change: Partial<Heartbeat> = {}, learned?: Learned) {
    const { loop } = this
    const told = (word: string) => (silence?: HeartbeatSilence) => {
      if (silence !== undefined) this.silences.push(silence)
      this.said.push(`${word} ${Math.floor((loop.now() - this.last) / 10) * 10}`)
    }
    this.last = loop.now()
    this.heart = new HeartbeatMonitor({
      ...{ host: loop, heartbeat: { ...usual, ...change }, pid: 4711, startTime: 0, lag: loop.lag(EventLoopLag), learned },
      ...{ drain: () => this.drain(), onSuspect: told("suspect"), onClear: told("clear"), onConvict: told("convict") }
    })
  }

  readonly beat = (): void => {
    this.heart.beat(this.loop.now(), undefined)
    this.last = this.loop.now()
  }

  /** Beats for so long, and does not wait for the loop. */
  beats(forMs: number, every = 100): void {
    this.loop.comesEvery(every, forMs, this.beat)
  }

  async lives(forMs: number, every = 100): Promise<void> {
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

export const heartLaws: ReadonlyArray<Law> = [
  {
    title: "a silence is suspected and convicted when its detector says, and then nothing is waited for",
    holds: async (watching) => {
      const p = new Patient(watching)
      await p.lives(500)
      await p.loop.turns(3_000)
      assert.deepEqual(p.said, ["suspect 320", "convict 700"])
      const [suspicion, verdict] = p.silences
      between(suspicion!.silenceMs, timeout("suspect"), timeout("suspect") + GRAIN_MS)
      between(verdict!.silenceMs, timeout("convict"), timeout("convict") + GRAIN_MS)
      assert.ok(Math.abs(verdict!.phi - 8) < 0.1)
      assert.equal(verdict!.everyMs, 100)
      p.heart.stop()
      assert.equal(p.loop.pending, 0)
    }
  },
  {
    title: "a beat clears a suspect, and also a convict that was not stopped yet",
    holds: async (watching) => {
      const p = new Patient(watching)
      await p.lives(500)
      p.loop.comes(400, p.beat)
      await p.loop.turns(400)
      p.loop.comes(900, p.beat)
      await p.loop.turns(1_000)
      assert.deepEqual(p.said, ["suspect 320", "clear 400", "suspect 320", "convict 700", "clear 900"])
      await p.loop.turns(200)
      assert.equal(p.said.length, 5)
    }
  },
  {
    title: "what was sent while our loop stood is read before anything is judged",
    holds: async (watching) => {
      const p = new Patient(watching, strict)
      await p.lives(205, 10)
      p.beats(500, 10)
      p.loop.stands(90) // too short to be known as a stall: our own meter looks every 100 ms
      await p.loop.turns(300)
      assert.deepEqual(p.said, [])
    }
  },
  {
    title: "what is told one turn after it was read is heard, too, before anything is judged after a stall",
    holds: async (watching) => {
      const p = new Patient(watching, strict)
      await p.lives(205, 10)
      p.loop.comesEvery(10, 500, () => p.loop.turned(p.beat))
      p.loop.stands(90)
      await p.loop.turns(300)
      assert.deepEqual(p.said, [])
    }
  },
  {
    title: "a beat that is only found by looking counts",
    holds: async (watching) => {
      const p = new Patient(watching)
      await p.lives(500)
      p.drain = p.beat
      await p.loop.turns(2_000)
      assert.deepEqual(p.said, [])
    }
  },
  {
    title: "the time in which we did not run is no silence of others, and teaches nothing",
    holds: async (watching) => {
      const p = new Patient(watching)
      await p.lives(550)
      p.loop.stands(5_000) // we and the child were stopped together
      p.beats(2_000)
      await p.loop.turns(2_000)
      assert.deepEqual(p.said, [])
      await p.loop.turns(1_500)
      assert.match(p.said.join(), /^suspect 2\d\d,convict 5\d\d$/)
    }
  },
  {
    title: "beats that waited for us, and do not say when they were sent, teach nothing",
    holds: async (watching) => {
      const p = new Patient(watching)
      await p.lives(2_050)
      p.beats(20_000)
      p.loop.stands(20_000)
      await p.loop.turns(2_000)
      await p.lives(1_000)
      const { n, mean } = sampleOf(p.heart.learned.intervals)
      assert.ok(mean >= 90, `${n} intervals of ${mean} ms`)
    }
  },
  {
    title: "a stall of ours puts a verdict off, and does not prevent it",
    holds: async (watching) => {
      const p = new Patient(watching)
      await p.lives(500)
      p.loop.stands(2_000)
      await p.loop.turns(900)
      assert.equal(p.said.length, 2)
      // Not known is what of it lay before the next look of our own meter.
      between(p.silences[1]!.silenceMs, 2_600, 2_700 + GRAIN_MS)
    }
  },
  {
    title: "the time in which it waited for a CPU is no silence",
    holds: async (watching) => {
      const p = new Patient(watching)
      await p.lives(500)
      for (let ms = 0; ms < 1_500; ms += 10) {
        p.loop.queued = (p.loop.queued ?? 0) + 9
        await p.loop.turns(10)
      }
      assert.deepEqual(p.said, [])
    }
  },
  {
    title: "who waits for a CPU for ever is convicted after hangAfter",
    holds: async (watching) => {
      const p = new Patient(watching, { hangAfter: 2_000 })
      await p.lives(500)
      for (let ms = 0; ms < 2_200; ms += 10) {
        p.loop.queued = (p.loop.queued ?? 0) + 10
        await p.loop.turns(10)
      }
      assert.equal(p.said.at(-1), "convict 2000")
    }
  },
  {
    title: "what it waited for a CPU before its last beats excuses nothing",
    holds: async (watching) => {
      const p = new Patient(watching)
      p.beats(5_000)
      for (let ms = 0; ms < 5_000; ms += 10) {
        p.loop.queued = (p.loop.queued ?? 0) + 5
        await p.loop.turns(10)
      }
      await p.loop.turns(2_000)
      // The wait is read four times a second.
      between(p.silences.at(-1)!.silenceMs, 400, 700 + 250)
      assert.equal(p.said.length, 2)
    }
  },
  {
    title: "where the system does not tell how long it waited, nothing is excused",
    holds: async (watching) => {
      const p = new Patient(watching)
      p.loop.queued = undefined
      await p.lives(500)
      await p.loop.turns(2_000)
      assert.deepEqual(p.said, ["suspect 320", "convict 700"])
    }
  },
  {
    title: "the first beat has all of its startup grace, from when it is ready",
    holds: async (watching) => {
      const p = new Patient(watching)
      p.loop.comes(990, p.beat)
      await p.loop.turns(995)
      assert.deepEqual(p.said, [])
      await p.loop.turns(800)
      assert.deepEqual(p.said, ["suspect 320", "convict 700"])
    }
  },
  {
    title: "who never beats is convicted when its startup grace is over, whatever we ourselves missed of it added",
    holds: async (watching) => {
      const [one, other] = [new Patient(watching), new Patient(watching)]
      await one.loop.turns(3_000)
      assert.deepEqual(one.said, ["suspect 1000", "convict 1100"])
      other.loop.stands(500)
      await other.loop.turns(3_000)
      assert.deepEqual(other.said, ["suspect 1400", "convict 1500"])
    }
  },
  {
    title: "a startup grace that is shorter than its pauses may be does not count",
    holds: async (watching) => {
      const p = new Patient(watching, { startupGrace: 0 })
      await p.loop.turns(3_000)
      assert.deepEqual(p.said, ["suspect 320", "convict 700"])
    }
  },
  {
    title: "after the machine has slept its silence begins anew, and it may take as long as for a start",
    holds: async (watching) => {
      const p = new Patient(watching)
      await p.lives(500)
      p.loop.sleeps(3_600_000)
      p.loop.comes(1_200, p.beat) // all of it had to be read from the disk again
      await p.loop.turns(1_200)
      assert.deepEqual(p.said, [])
      await p.loop.turns(2_000)
      assert.deepEqual(p.said, ["suspect 320", "convict 700"])
    }
  },
  {
    title: "who is suspect when the machine goes to sleep is cleared when it wakes up, and judged again",
    holds: async (watching) => {
      const p = new Patient(watching)
      await p.lives(500)
      await p.loop.turns(400)
      p.loop.sleeps(3_600_000)
      await p.loop.turns(2_000)
      assert.deepEqual(p.said, ["suspect 320", "clear 700", "suspect 1700", "convict 1800"])
    }
  },
  {
    title: "the evidence is what it did between suspicion and verdict",
    holds: async (watching) => {
      const p = new Patient(watching)
      p.loop.sighting = (at) => seen(at, { state: "R", cpuMs: at })
      await p.lives(500)
      await p.loop.turns(1_000)
      assert.match(p.silences[1]!.evidence, /^it spins: used \d+ms of CPU in \d+ms$/)
    }
  },
  {
    title: "there is evidence also where suspicion and verdict are due at one time: a moment passes between them",
    holds: async (watching) => {
      const never = new Patient(watching)
      never.loop.sighting = (at) => seen(at, { waitsIn: "futex_wait" })
      await never.loop.turns(2_000)
      assert.equal(never.silences[1]!.evidence, "it waits in futex_wait and uses no CPU")
      const capped = new Patient(watching, { every: 400, hangAfter: 500 })
      capped.loop.sighting = (at) => seen(at, { waitsIn: "pipe_read" })
      await capped.lives(1_200, 400)
      await capped.loop.turns(1_000)
      between(capped.silences[1]!.silenceMs, 500 + LOOKS_APART_MS, 500 + LOOKS_APART_MS + GRAIN_MS)
      assert.equal(capped.silences[1]!.evidence, "it waits in pipe_read and uses no CPU")
    }
  },
  {
    title: "who is stopped is known at the first look, and a closed channel is told",
    holds: async (watching) => {
      const p = new Patient(watching)
      p.loop.sighting = (at) => seen(at, { state: "T" })
      await p.lives(500)
      p.heart.lost()
      await p.loop.turns(1_000)
      assert.deepEqual(
        p.silences.map(({ evidence }) => evidence),
        Array(2).fill("it is stopped (state T); its channel is closed")
      )
      const unseen = new Patient(watching)
      await unseen.lives(500)
      unseen.heart.lost()
      await unseen.loop.turns(1_000)
      assert.equal(unseen.silences[1]!.evidence, "its channel is closed")
    }
  },
  {
    title: "who becomes slower is suspected at first, convicted never, and in the end not suspected any more",
    holds: async (watching) => {
      const p = new Patient(watching)
      await p.lives(3_000)
      await p.lives(10 * 450, 450)
      assert.match(p.said[0] ?? "", /^suspect/)
      const before = p.said.length
      await p.lives(20 * 450, 450)
      assert.equal(p.said.length, before)
      assert.doesNotMatch(p.said.join(), /convict/)
    }
  },
  {
    title: "what one life has taught the next one knows",
    holds: async (watching) => {
      const first = new Patient(watching)
      await first.lives(2_000)
      await first.lives(450, 450)
      const { learned } = first.heart
      first.heart.stop()
      assert.deepEqual(first.said, ["suspect 250", "clear 450"])
      const second = new Patient(watching, {}, learned)
      await second.lives(500)
      await second.lives(340, 340)
      assert.deepEqual(second.said, [])
    }
  },
  {
    title: "stopped it waits for nothing and hears nothing, whatever it was about",
    holds: async (watching) => {
      for (const ms of [0, 320, 500, 1_500]) {
        const p = new Patient(watching)
        await p.lives(500)
        await p.loop.turns(ms)
        const said = p.said.length
        p.heart.stop()
        assert.equal(p.loop.pending, 0)
        p.beat()
        await p.loop.turns(5_000)
        assert.equal(p.loop.pending, 0)
        assert.equal(p.said.length, said)
      }
    }
  },
  {
    title: "stopped in the turn in which it would judge, it does not",
    holds: async (watching) => {
      const p = new Patient(watching)
      await p.lives(500)
      p.drain = () => p.heart.stop()
      await p.loop.turns(2_000)
      assert.deepEqual([p.said, p.loop.pending], [[], 0])
    }
  }
]
