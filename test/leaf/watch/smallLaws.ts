/** What must hold of the parts: who asks again and again, who counts the answers, and who remembers what matched. */
import assert from "node:assert/strict"
import type { ProbeResult } from "../../../src/leaf/probe/ProbeResult.ts"
import type { Prober } from "../../../src/leaf/watch/Prober.ts"
import { aWorker, target } from "./aWorker.ts"
import type { Law, Watching } from "./Law.ts"
import { type Asked, Loop } from "./Loop.ts"

const begin = 10_000

class Questions {
  readonly loop = new Loop()
  readonly answers: Array<readonly [verdict: ProbeResult, begunAt: number, answeredAt: number]> = []
  readonly prober: Prober
  readonly asked: ReadonlyArray<Asked>

  constructor({ Prober }: Watching, initialDelay = 0) {
    const { loop } = this
    const ask = loop.checker({ type: "tcp" })
    this.asked = loop.asked.get("tcp")!
    const onAnswer = (verdict: ProbeResult, begunAt: number, answeredAt: number): void =>
      void this.answers.push([verdict, begunAt - begin, answeredAt - begin])
    this.prober = new Prober({ host: loop, ask, target, interval: 1_000, initialDelay, onAnswer })
  }

  get times(): ReadonlyArray<number> {
    return this.asked.map(({ at }) => at - begin)
  }

  /** Each answer takes so long. */
  async takes(ms: number, forMs: number): Promise<void> {
    const end = this.loop.now() + forMs
    while (this.loop.now() < end) {
      for (const question of this.asked) if (!question.isOver && this.loop.now() - question.at >= ms) question.answer(undefined)
      await this.loop.turns(1)
    }
  }
}

const prober: ReadonlyArray<Law> = [
  {
    title: "a check is asked from start to start in its interval, however long its answer takes",
    holds: async (watching) => {
      const q = new Questions(watching)
      await q.takes(400, 3_500)
      // The first timer is of one millisecond, and an answer is heard in the turn after it came.
      assert.deepEqual(q.times, [1, 1_001, 2_001, 3_001])
      assert.deepEqual(q.answers[0], [undefined, 1, 402])
    }
  },
  {
    title: "a check whose answer takes longer than its interval is asked again when it has answered: never two at once",
    holds: async (watching) => {
      const q = new Questions(watching)
      for (let ms = 0; ms < 5_000; ms += 100) {
        await q.loop.turns(100)
        assert.ok(q.asked.filter(({ isOver }) => !isOver).length <= 1, "two are in flight")
        const [open] = q.asked.filter(({ isOver }) => !isOver)
        if (open !== undefined && q.loop.now() - open.at >= 1_700) open.answer("slow")
      }
      const gaps = q.times.slice(1).map((time, i) => time - q.times[i]!)
      assert.equal(q.asked.length, 3)
      for (const gap of gaps) assert.ok(gap >= 1_700 && gap <= 1_900, String(gap))
    }
  },
  {
    title: "the first one waits for the initial delay",
    holds: async (watching) => {
      const q = new Questions(watching, 700)
      await q.loop.turns(699)
      assert.deepEqual(q.times, [])
      await q.loop.turns(1)
      assert.deepEqual(q.times, [700])
    }
  },
  {
    title: "stopped it gives up what is in flight, hears no answer, and asks nothing more",
    holds: async (watching) => {
      for (const answered of [false, true]) {
        const q = new Questions(watching)
        await q.loop.turns(10)
        if (answered) q.asked[0]!.answer(undefined)
        // In the very turn in which the answer comes, or long before.
        q.prober.stop()
        assert.equal(q.asked[0]!.signal.aborted, true)
        await q.loop.turns(5_000)
        assert.deepEqual([q.asked.length, q.answers, q.loop.pending], [1, [], 0])
      }
      const waiting = new Questions(watching, 1_000)
      waiting.prober.stop()
      assert.equal(waiting.loop.pending, 0)
    }
  },
  {
    title: "who is stopped by an answer asks nothing more",
    holds: async ({ Prober }) => {
      const loop = new Loop()
      loop.answers = () => undefined
      const options = { host: loop, ask: loop.checker({ type: "tcp" }), target, interval: 1_000, initialDelay: 0 }
      const prober = new Prober({ ...options, onAnswer: () => prober.stop() })
      await loop.turns(5_000)
      assert.deepEqual([loop.asked.get("tcp")!.length, loop.pending], [1, 0])
    }
  }
]

const BAD = "no"
/** `+` well, `-` not, `o` not, and we ourselves may be to blame. What came of each: `W` became well, `U` became unwell. */
const counted = ({ ThresholdCounter }: Watching, successThreshold: number, failureThreshold: number, answers: string): string => {
  const tally = new ThresholdCounter({ successThreshold, failureThreshold })
  const words = { well: "W", unwell: "U" }
  return [...answers].map((answer) => words[tally.add(answer === "+" ? undefined : BAD, answer === "o")!] ?? ".").join("")
}

const tally: ReadonlyArray<Law> = [
  {
    title: "so many failures in a row make it unwell, so many successes in a row well again, and each is told once",
    holds: (watching) => {
      assert.equal(counted(watching, 1, 3, "+--+--+---+"), "W........UW")
      assert.equal(counted(watching, 1, 3, "---------"), "..U......")
      assert.equal(counted(watching, 2, 1, "-+-++-"), "U...WU")
      assert.equal(counted(watching, 3, 1, "++-+++"), "..U..W")
      assert.equal(counted(watching, 1, 1, "+-+-"), "WUWU")
    }
  },
  {
    title: "failures of our own making are not counted, but only three of them in a row",
    holds: (watching) => {
      assert.equal(counted(watching, 1, 2, "ooo"), "...")
      assert.equal(counted(watching, 1, 2, "ooooo"), "....U")
      assert.equal(counted(watching, 1, 2, "-ooo-"), "....U")
      assert.equal(counted(watching, 1, 3, "ooo-ooo-"), "........")
    }
  }
]

const matches: ReadonlyArray<Law> = [
  {
    title: "the age of a match is that of the last line that matched, and of none before there was one",
    holds: ({ OutputMatcher }) => {
      let now = 0
      const worker = aWorker({ health: { type: "log", pattern: "^done", maxAge: "1 minute" } })
      const matches = new OutputMatcher(worker, () => now)
      assert.equal(matches.ageOf("^done"), undefined)
      assert.equal(matches.add("not done"), false)
      assert.equal(matches.ageOf("^done"), undefined)
      now = 100
      assert.equal(matches.add("done 1"), false)
      now = 350
      assert.deepEqual([matches.ageOf("^done"), matches.ageOf("another")], [250, undefined])
    }
  },
  {
    title: "a line is a beat if it matches the pattern of the heartbeat, also where a check asks for the same one",
    holds: ({ OutputMatcher }) => {
      const from = { type: "line", pattern: "tick" } as const
      const health = [
        { type: "log", pattern: "tick", maxAge: "1s" },
        { type: "log", pattern: "tock", maxAge: "1s" }
      ] as const
      const matches = new OutputMatcher(aWorker({ health, heartbeat: { every: "1s", from } }), () => 0)
      assert.deepEqual(
        ["tick", "tock", "tack", "tick tock"].map((line) => matches.add(line)),
        [true, false, false, true]
      )
      assert.equal(matches.ageOf("tock"), 0)
    }
  },
  {
    title: "only the beginning of a long line is tried",
    holds: ({ OutputMatcher }) => {
      const matches = new OutputMatcher(aWorker({ heartbeat: { every: "1s", from: { type: "line", pattern: "tick$" } } }), () => 0)
      const line = (before: number): string => `${"x".repeat(before)}tick`
      assert.deepEqual([matches.add(line(4_092)), matches.add(line(4_093))], [true, false])
    }
  }
]

export const smallLaws: ReadonlyArray<Law> = [...prober, ...tally, ...matches]
