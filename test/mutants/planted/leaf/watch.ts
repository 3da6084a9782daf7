/** Bugs in the monitors of a process. The laws of the monitors must notice each. */
import type { Mutant } from "../../Mutant.ts"

const heartbeatMonitor = "leaf/watch/HeartbeatMonitor.ts"
const workerMonitor = "leaf/watch/WorkerMonitor.ts"
const prober = "leaf/watch/Prober.ts"
const counter = "leaf/watch/ThresholdCounter.ts"

export const watching: ReadonlyArray<Mutant> = [
  {
    name: "it is judged before pending input is read",
    file: heartbeatMonitor,
    from: "this.cancel = host.turned(isLate ? () => this.judgeNextTurn() : () => this.judge())",
    to: "this.judge()",
    watch: /sent while our loop was blocked/
  },
  {
    name: "after a stall it is judged in the turn in which input is read, and not one turn later",
    file: heartbeatMonitor,
    from: "isLate ? () => this.judgeNextTurn() : () => this.judge()",
    to: "() => this.judge()",
    watch: /reported one turn after/
  },
  {
    name: "beats that are only found by draining are not found",
    file: heartbeatMonitor,
    from: "    drain()\n",
    to: "    void drain\n",
    watch: /only found by draining/
  },
  {
    name: "our own lag counts as silence",
    file: heartbeatMonitor,
    from: "ownMs: this.options.lag.overlap(this.since, now),",
    to: "ownMs: 0,",
    watch: /the time in which we did not run/
  },
  {
    name: "our own lag is learned as an interval",
    file: heartbeatMonitor,
    from: "const ownMs = this.options.lag.overlap(this.since, receivedAt)",
    to: "const ownMs = 0",
    watch: /the time in which we did not run/
  },
  {
    name: "queued beats are intervals of no length",
    file: heartbeatMonitor,
    from: "if (sentAt === undefined && receivedAt - this.since < AT_ONCE_MS && this.hasBeaten) return",
    to: "",
    watch: /beats that were queued while we were blocked/
  },
  {
    name: "waiting for a CPU counts as silence",
    file: heartbeatMonitor,
    from: "waitedMs === undefined || ms === undefined ? 0 : Math.max(0, waitedMs - ms)",
    to: "Math.min(0, (waitedMs ?? 0) - (ms ?? 0))",
    watch: /waited for a CPU is not silence/
  },
  {
    name: "a wait for a CPU excuses it for ever",
    file: heartbeatMonitor,
    from: "if (receivedAt - this.cpuWait.at >= CPU_WAIT_EVERY_MS) this.cpuWait = this.readCpuWait()",
    to: "",
    watch: /before its last beats excuses nothing/
  },
  {
    name: "the first beat has no startup grace",
    file: heartbeatMonitor,
    from: "return this.hasBeaten ? 0 : ",
    to: "return this.hasBeaten || this.since > 0 ? 0 : ",
    watch: /the first beat has all/
  },
  {
    name: "the sleep of the machine counts as silence",
    file: heartbeatMonitor,
    from: "if (lag.suspendedSince(this.since)) return this.afterSleep(now)",
    to: "void lag",
    watch: /after the machine has slept/
  },
  {
    name: "after the sleep of the machine there is no startup grace",
    file: heartbeatMonitor,
    from: "    this.hasBeaten = false\n",
    to: "",
    watch: /after the machine has slept/
  },
  {
    name: "a conviction without evidence",
    file: heartbeatMonitor,
    from: ", (this.sampleAtSuspicion?.at ?? 0) + SAMPLES_APART_MS)",
    to: ")",
    watch: /evidence also if/
  },
  {
    name: "a stopped monitor goes on",
    file: heartbeatMonitor,
    from: "    this.stopped = true\n    this.cancel()\n",
    to: "    this.stopped = true\n",
    watch: /a stopped monitor waits for nothing/
  },
  {
    name: "a monitor that is stopped by its own report goes on",
    file: heartbeatMonitor,
    from: "    if (this.stopped) return\n    const { host } = this.options\n    this.armedFor",
    to: "    const { host } = this.options\n    this.armedFor",
    watch: /stopped by what it reports/
  },
  {
    name: "two checks in flight",
    file: prober,
    from: "    const startedAt = host.now()\n",
    to: "    const startedAt = host.now()\n    host.after(interval, () => signal.aborted || this.run())\n",
    watch: /never two at once/
  },
  {
    name: "the interval begins at the end of a check",
    file: prober,
    from: "startedAt + interval - endedAt",
    to: "interval",
    watch: /from start to start/
  },
  {
    name: "a check in flight is not cancelled",
    file: prober,
    from: "    this.aborter.abort()\n",
    to: "    void this.aborter\n",
    watch: /a stopped prober cancels/
  },
  {
    name: "a result is reported after stop",
    file: prober,
    from: "if (signal.aborted) return",
    to: "",
    watch: /a stopped prober cancels/
  },
  {
    name: "our own stall is an excuse for ever",
    file: counter,
    from: " && ++this.excused <= MAX_EXCUSED",
    to: "",
    watch: /at most three of them/
  },
  {
    name: "failures need not be in a row",
    file: counter,
    from: "      this.failures = 0\n",
    to: "",
    watch: /enough failures in a row/
  },
  {
    name: "what earlier incarnations have taught is not used",
    file: workerMonitor,
    from: "lag, learned, drain: () => drain()",
    to: "lag, learned: learned && undefined, drain: () => drain()",
    watch: /what earlier incarnations have taught/
  },
  {
    name: "it is judged before it is ready",
    file: workerMonitor,
    from: 'if ("interval" in worker.ready) this.probeUntilReady(worker.ready)',
    to: 'if ("interval" in worker.ready) this.probeUntilReady(worker.ready)\n    if (worker.heartbeat !== undefined) this.startHeartbeat(worker.heartbeat)',
    watch: /before it is ready/
  },
  {
    name: "a check that only reports restarts",
    file: workerMonitor,
    from: 'change === "unwell" && probe.onFailure === "restart"',
    to: 'change === "unwell"',
    watch: /one that reports never does/
  },
  {
    name: "of several failing checks the last one decides",
    file: workerMonitor,
    from: "health(this.failing.size === 0",
    to: "health(failure === undefined",
    watch: /of several checks/
  },
  {
    name: "of several of a kind the first is blamed",
    file: workerMonitor,
    from: "nameOf(this.options.worker.health, index)",
    to: "nameOf(this.options.worker.health, 0)",
    watch: /report says which one/
  },
  {
    name: "a check that failed is a beat",
    file: workerMonitor,
    from: "if (result === undefined) monitor.beat(endedAt, undefined)",
    to: "monitor.beat(endedAt, result === undefined ? undefined : undefined)",
    watch: /its failures are none/
  },
  {
    name: "a failure during our own stall counts",
    file: workerMonitor,
    from: "> OUR_FAULT * probe.timeout",
    to: "> OUR_FAULT + Number.POSITIVE_INFINITY * probe.timeout",
    watch: /while we do not run/
  },
  {
    name: "its readiness is still checked when it is ready",
    file: workerMonitor,
    from: "    this.isUp = true\n    this.close()\n",
    to: "    this.isUp = true\n",
    watch: /a worker is ready when/
  }
]
