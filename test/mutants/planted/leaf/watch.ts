/** Bugs in the watch over a process; the laws of the watch must notice each. */
import type { Mutant } from "../../Mutant.ts"

const heart = "leaf/watch/HeartbeatMonitor.ts"
const watch = "leaf/watch/WorkerMonitor.ts"
const prober = "leaf/watch/Prober.ts"
const tally = "leaf/watch/ThresholdCounter.ts"

export const watching: ReadonlyArray<Mutant> = [
  {
    name: "it is judged before what waits is read",
    file: heart,
    from: "this.cancel = host.turned(isLate ? () => this.read() : () => this.judge())",
    to: "this.judge()",
    watch: /sent while our loop stood/
  },
  {
    name: "it is judged in the turn in which the news is read, and not in the one in which it is told",
    file: heart,
    from: "isLate ? () => this.read() : () => this.judge()",
    to: "() => this.judge()",
    watch: /told one turn after/
  },
  {
    name: "what is only found by looking is not looked for",
    file: heart,
    from: "    drain()\n",
    to: "    void drain\n",
    watch: /only found by looking/
  },
  {
    name: "our own lag is held against others",
    file: heart,
    from: "ownMs: this.options.lag.overlap(this.since, now),",
    to: "ownMs: 0,",
    watch: /the time in which we did not run/
  },
  {
    name: "our own lag is learned as theirs",
    file: heart,
    from: "const ownMs = this.options.lag.overlap(this.since, receivedAt)",
    to: "const ownMs = 0",
    watch: /the time in which we did not run/
  },
  {
    name: "beats that waited for us are intervals of no length",
    file: heart,
    from: "if (sentAt === undefined && receivedAt - this.since < AT_ONCE_MS && this.hasBeaten) return",
    to: "",
    watch: /beats that waited for us/
  },
  {
    name: "who waits for a CPU is silent",
    file: heart,
    from: "queued === undefined || ms === undefined ? 0 : Math.max(0, queued - ms)",
    to: "Math.min(0, (queued ?? 0) - (ms ?? 0))",
    watch: /waited for a CPU is no silence/
  },
  {
    name: "what it ever waited for a CPU excuses it for ever",
    file: heart,
    from: "if (receivedAt - this.queue.at >= QUEUE_EVERY_MS) this.queue = this.readQueue()",
    to: "",
    watch: /before its last beats excuses nothing/
  },
  {
    name: "the first beat must come as fast as all others",
    file: heart,
    from: "return this.hasBeaten ? 0 : ",
    to: "return this.hasBeaten || this.since > 0 ? 0 : ",
    watch: /the first beat has all/
  },
  {
    name: "the sleep of the machine is a silence",
    file: heart,
    from: "if (lag.suspendedSince(this.since)) return this.wakeUp(now)",
    to: "void lag",
    watch: /after the machine has slept/
  },
  {
    name: "who slept has no time to wake up",
    file: heart,
    from: "    this.hasBeaten = false\n",
    to: "",
    watch: /after the machine has slept/
  },
  {
    name: "a verdict without evidence",
    file: heart,
    from: ", (this.seen?.at ?? 0) + LOOKS_APART_MS)",
    to: ")",
    watch: /evidence also where/
  },
  {
    name: "a stopped heart goes on",
    file: heart,
    from: "    this.stopped = true\n    this.cancel()\n",
    to: "    this.stopped = true\n",
    watch: /stopped it waits for nothing/
  },
  {
    name: "two checks in flight",
    file: prober,
    from: "    const begunAt = host.now()\n",
    to: "    const begunAt = host.now()\n    host.after(interval, () => signal.aborted || this.ask())\n",
    watch: /never two at once/
  },
  {
    name: "the interval begins with the answer",
    file: prober,
    from: "begunAt + interval - answeredAt",
    to: "interval",
    watch: /from start to start/
  },
  {
    name: "what is in flight is not given up",
    file: prober,
    from: "    this.aborter.abort()\n",
    to: "    void this.aborter\n",
    watch: /stopped it gives up/
  },
  {
    name: "an answer is heard after the end",
    file: prober,
    from: "if (signal.aborted) return",
    to: "",
    watch: /stopped it gives up/
  },
  {
    name: "our own stall is an excuse for ever",
    file: tally,
    from: " && ++this.excused <= EXCUSED_MOST",
    to: "",
    watch: /only three of them/
  },
  {
    name: "failures need not be in a row",
    file: tally,
    from: "      this.failures = 0\n",
    to: "",
    watch: /so many failures in a row/
  },
  {
    name: "what earlier lives have learned is not used",
    file: watch,
    from: "lag, learned, drain: () => drain()",
    to: "lag, learned: learned && undefined, drain: () => drain()",
    watch: /hearts of earlier lives/
  },
  {
    name: "it is judged before it is ready",
    file: watch,
    from: 'if ("interval" in worker.ready) this.untilReady(worker.ready)',
    to: 'if ("interval" in worker.ready) this.untilReady(worker.ready)\n    if (worker.heartbeat !== undefined) this.listen(worker.heartbeat)',
    watch: /before it is ready/
  },
  {
    name: "a check that only reports restarts",
    file: watch,
    from: 'change === "unwell" && probe.onFailure === "restart"',
    to: 'change === "unwell"',
    watch: /one that reports never does/
  },
  {
    name: "of several ailments the last one decides",
    file: watch,
    from: "health(this.ailments.size === 0",
    to: "health(ailment === undefined",
    watch: /of several checks/
  },
  {
    name: "of several of a kind the first is blamed",
    file: watch,
    from: "nameOf(this.options.worker.health, place)",
    to: "nameOf(this.options.worker.health, 0)",
    watch: /told which one/
  },
  {
    name: "a check that failed is a beat",
    file: watch,
    from: "if (verdict === undefined) heart.beat(answeredAt, undefined)",
    to: "heart.beat(answeredAt, verdict === undefined ? undefined : undefined)",
    watch: /its failures are none/
  },
  {
    name: "a failure during our own stall counts",
    file: watch,
    from: "> OURS * probe.timeout",
    to: "> OURS + Number.POSITIVE_INFINITY * probe.timeout",
    watch: /while we do not run/
  },
  {
    name: "its readiness is asked for when it is ready",
    file: watch,
    from: "    this.isUp = true\n    this.close()\n",
    to: "    this.isUp = true\n",
    watch: /a worker is ready when/
  }
]
