/** What must hold for the parts of a monitor: Prober, ThresholdCounter and OutputMatcher. */
import assert from "node:assert/strict"
import type { ProbeResult } from "../../../src/leaf/probe/ProbeResult.ts"
import type { Prober } from "../../../src/leaf/watch/Prober.ts"
import { aWorker, target } from "./aWorker.ts"
import type { Law, Monitors } from "./Law.ts"
import { type CheckRun, Loop } from "./Loop.ts"

const begin = 10_000

class ProberTest {
  readonly loop = new Loop()
  readonly results: Array<readonly [result: ProbeResult, startedAt: number, endedAt: number]> = []
  readonly prober: Prober
  readonly runs: ReadonlyArray<CheckRun>

  constructor({ Prober }: Monitors, initialDelay = 0) {
    const { loop } = this
    const runCheck = loop.checker({ type: "tcp" })
    this.runs = loop.runs.get("tcp")!
    const onResult = (result: ProbeResult, startedAt: number, endedAt: number): void =>
      void this.results.push([result, startedAt - begin, endedAt - begin])
    this.prober = new Prober({ host: loop, runCheck, target, interval: 1_000, initialDelay, onResult })
  }

  get times(): ReadonlyArray<number> {
    return this.runs.map(({ at }) => at - begin)
  }

  /** Each check takes `ms`. */
  async takes(ms: number, forMs: number): Promise<void> {
    const end = this.loop.now() + forMs
    while (this.loop.now() < end) {
      for (const run of this.runs) if (!run.isOver && this.loop.now() - run.at >= ms) run.settle(undefined)
      await this.loop.turns(1)
    }
  }
}

const proberLaws: ReadonlyArray<Law> = [
  {
    title: "the interval of a check is from start to start, however long it takes",
    holds: async (monitors) => {
      const q = new ProberTest(monitors)
      await q.takes(400, 3_500)
      // The first timer is one millisecond, and a result arrives in the turn after it came.
      assert.deepEqual(q.times, [1, 1_001, 2_001, 3_001])
      assert.deepEqual(q.results[0], [undefined, 1, 402])
    }
  },
  {
    title: "a check that takes longer than its interval starts again when it has ended: never two at once",
    holds: async (monitors) => {
      const q = new ProberTest(monitors)
      for (let ms = 0; ms < 5_000; ms += 100) {
        await q.loop.turns(100)
        assert.ok(q.runs.filter(({ isOver }) => !isOver).length <= 1, "two are in flight")
        const [open] = q.runs.filter(({ isOver }) => !isOver)
        if (open !== undefined && q.loop.now() - open.at >= 1_700) open.settle("slow")
      }
      const gaps = q.times.slice(1).map((time, i) => time - q.times[i]!)
      assert.equal(q.runs.length, 3)
      for (const gap of gaps) assert.ok(gap >= 1_700 && gap <= 1_900, String(gap))
    }
  },
  {
    title: "the first check waits for the initial delay",
    holds: async (monitors) => {
      const q = new ProberTest(monitors, 700)
      await q.loop.turns(699)
      assert.deepEqual(q.times, [])
      await q.loop.turns(1)
      assert.deepEqual(q.times, [700])
    }
  },
  {
    title: "a stopped prober cancels the check in flight, ignores its result, and starts no more",
    holds: async (monitors) => {
      for (const answered of [false, true]) {
        const q = new ProberTest(monitors)
        await q.loop.turns(10)
        if (answered) q.runs[0]!.settle(undefined)
        // In the turn in which the result arrives, or long before.
        q.prober.stop()
        assert.equal(q.runs[0]!.signal.aborted, true)
        await q.loop.turns(5_000)
        assert.deepEqual([q.runs.length, q.results, q.loop.pending], [1, [], 0])
      }
      const waiting = new ProberTest(monitors, 1_000)
      waiting.prober.stop()
      assert.equal(waiting.loop.pending, 0)
    }
  },
  {
    title: "a prober stopped by a result starts no more checks",
    holds: async ({ Prober }) => {
      const loop = new Loop()
      loop.resultOf = () => undefined
      const options = { host: loop, runCheck: loop.checker({ type: "tcp" }), target, interval: 1_000, initialDelay: 0 }
      const prober = new Prober({ ...options, onResult: () => prober.stop() })
      await loop.turns(5_000)
      assert.deepEqual([loop.runs.get("tcp")!.length, loop.pending], [1, 0])
    }
  }
]

const BAD = "no"
/** `+` well, `-` unwell, `o` unwell, but it may be our own fault. The change after each: `W` well, `U` unwell. */
const counted = ({ ThresholdCounter }: Monitors, successThreshold: number, failureThreshold: number, answers: string): string => {
  const counter = new ThresholdCounter({ successThreshold, failureThreshold })
  const words = { well: "W", unwell: "U" }
  return [...answers].map((answer) => words[counter.add(answer === "+" ? undefined : BAD, answer === "o")!] ?? ".").join("")
}

const counterLaws: ReadonlyArray<Law> = [
  {
    title: "enough failures in a row make it unwell, enough successes in a row well again, and each is reported once",
    holds: (monitors) => {
      assert.equal(counted(monitors, 1, 3, "+--+--+---+"), "W........UW")
      assert.equal(counted(monitors, 1, 3, "---------"), "..U......")
      assert.equal(counted(monitors, 2, 1, "-+-++-"), "U...WU")
      assert.equal(counted(monitors, 3, 1, "++-+++"), "..U..W")
      assert.equal(counted(monitors, 1, 1, "+-+-"), "WUWU")
    }
  },
  {
    title: "failures that are our own fault are not counted, but at most three of them in a row",
    holds: (monitors) => {
      assert.equal(counted(monitors, 1, 2, "ooo"), "...")
      assert.equal(counted(monitors, 1, 2, "ooooo"), "....U")
      assert.equal(counted(monitors, 1, 2, "-ooo-"), "....U")
      assert.equal(counted(monitors, 1, 3, "ooo-ooo-"), "........")
    }
  }
]

const matcherLaws: ReadonlyArray<Law> = [
  {
    title: "the age of a match is that of the last line that matched, undefined before the first",
    holds: ({ OutputMatcher }) => {
      let now = 0
      const worker = aWorker({ health: { type: "log", pattern: "^done", maxAge: "1 minute" } })
      const matcher = new OutputMatcher(worker, () => now)
      assert.equal(matcher.ageOf("^done"), undefined)
      assert.equal(matcher.add("stdout", "not done", false), false)
      assert.equal(matcher.ageOf("^done"), undefined)
      now = 100
      assert.equal(matcher.add("stderr", "done 1", false), false)
      now = 350
      assert.deepEqual([matcher.ageOf("^done"), matcher.ageOf("another")], [250, undefined])
    }
  },
  {
    title: "a line is a beat if it matches the pattern of the heartbeat, also if a check has the same pattern",
    holds: ({ OutputMatcher }) => {
      const from = { type: "line", pattern: "tick" } as const
      const health = [
        { type: "log", pattern: "tick", maxAge: "1s" },
        { type: "log", pattern: "tock", maxAge: "1s" }
      ] as const
      const matcher = new OutputMatcher(aWorker({ health, heartbeat: { every: "1s", from } }), () => 0)
      assert.deepEqual(
        ["tick", "tock", "tack", "tick tock"].map((line) => matcher.add("stdout", line, false)),
        [true, false, false, true]
      )
      assert.equal(matcher.ageOf("tock"), 0)
    }
  },
  {
    title: "a line that comes in pieces counts once, as soon as it matches",
    holds: ({ OutputMatcher }) => {
      const matcher = new OutputMatcher(aWorker({ heartbeat: { every: "1s", from: { type: "line", pattern: "^tick 1" } } }), () => 0)
      const pieces = [
        ["stdout", "tick", true],
        ["stderr", " 1", false],
        ["stdout", " 1", true],
        ["stdout", "1", false],
        ["stdout", "tick 1", false]
      ] as const
      assert.deepEqual(
        pieces.map(([stream, piece, continues]) => matcher.add(stream, piece, continues)),
        [false, false, true, false, true]
      )
    }
  },
  {
    title: "what is matched is what a person sees: no colours, no titles, and only the last state of a progress line",
    holds: ({ OutputMatcher }) => {
      const matcher = new OutputMatcher(aWorker({ heartbeat: { every: "1s", from: { type: "line", pattern: "^on 80$" } } }), () => 0)
      const lines = ["\x1b[1mon\x1b[0m \x1b[32m80\x1b[m", "\x1b]0;title\x07on \x9b4m80", "on 79\ron 80\r", "on 80\ron 81", "on\x1b[ 80"]
      assert.deepEqual(
        lines.map((line) => matcher.add("stdout", line, false)),
        [true, true, true, false, false]
      )
    }
  },
  {
    title: "only the beginning of a long line is matched",
    holds: ({ OutputMatcher }) => {
      const matcher = new OutputMatcher(aWorker({ heartbeat: { every: "1s", from: { type: "line", pattern: "tick$" } } }), () => 0)
      const line = (before: number): string => `${"x".repeat(before)}tick`
      assert.deepEqual([matcher.add("stdout", line(4_092), false), matcher.add("stdout", line(4_093), false)], [true, false])
    }
  }
]

export const smallLaws: ReadonlyArray<Law> = [...proberLaws, ...counterLaws, ...matcherLaws]
