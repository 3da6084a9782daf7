/** Turns what a keeper reports into the events of its leaves. */

import { getSystemErrorName } from "node:util"
import type { Usage } from "../../core/Event.ts"
import { type Outbox, OutputQuota, type Seen } from "../Outbox.ts"
import { leafEnvironment } from "../os/environment.ts"
import { kill } from "../os/kill.ts"
import { Strays } from "../os/Strays.ts"
import { busy, CLOSED, type SpawnError, STOPPED, spawnErrorOf } from "../os/spawnErrors.ts"
import type { BeatListener } from "../Spawner.ts"
import { take } from "../take.ts"
import { MalformedFrame } from "./frames.ts"
import type { Place, Places } from "./Places.ts"
import type { Run } from "./Run.ts"
import type { KeptReport, Report } from "./readReport.ts"

/** As the keeper has it. */
const BLOCKED_AFTER_MS = 5_000

/** Errors that are not the system's. */
const BUSY = 10_001
const OURS: { readonly [errno: number]: SpawnError } = { 10002: STOPPED, 10003: CLOSED }

type ExitReport = Extract<KeptReport, { readonly usage: Usage }>

interface Listener {
  /** So many leaves have not ended. Called when it is none any more, or not none any more. */
  readonly running: (count: number) => void
  /** What runs there may need its output no longer: it is ready. */
  readonly ready: (place: Place) => void
}

export class Reports {
  private readonly outbox: Outbox
  private readonly places: Places
  private readonly listener: Listener
  private readonly strays = new Strays(kill, "/proc", BLOCKED_AFTER_MS)
  private beats: BeatListener | undefined = undefined
  private readonly answers = new Map<number, (isSent: boolean) => void>()
  private tickets = 0
  private running = 0
  /** The logs that cannot be written, by path, and how much is missing in each. */
  private readonly failing = new Map<string, { readonly quota: OutputQuota; readonly lines: number; readonly bytes: number }>()
  /** The keeper's number of the last event; and what the numbers of this keeper are counted from. */
  private last = 0
  private from = 0

  constructor(outbox: Outbox, places: Places, listener: Listener) {
    this.outbox = outbox
    this.places = places
    this.listener = listener
  }

  onBeats(listener: BeatListener | undefined): void {
    this.beats = listener
  }

  /** Is there a leaf that has not ended? */
  get isBusy(): boolean {
    return this.running > 0
  }

  /** A leaf has begun, which will end. */
  begun(): void {
    if (++this.running === 1) this.listener.running(1)
  }

  /** The ticket of a signal. `sent` is called once. */
  expectAnswer(sent: (isSent: boolean) => void): number {
    this.tickets = (this.tickets + 1) >>> 0
    this.answers.set(this.tickets, sent)
    return this.tickets
  }

  /** The numbers of a new keeper begin again. Answers what they are counted from. */
  newKeeper(): number {
    this.from += this.last
    this.last = 0
    return this.from
  }

  /** Throws `MalformedFrame` for what no keeper reports. */
  add(report: Report): void {
    switch (report._tag) {
      case "Output": {
        const { stream, bytes, continues, at } = report
        const found = this.runOf(report)
        found?.run.output(stream, bytes, continues, { at })
        return found?.run.needsOutput === false ? this.listener.ready(found.place) : undefined
      }
      case "Gap":
        return this.runOf(report)?.run.dropped(report.lines, report.bytes)
      case "Beats":
        for (const beat of report.beats) {
          const found = this.runOf(beat)
          if (found !== undefined) this.beats?.beat(found.run.quota, beat.receivedAt, beat.sentAt)
        }
        return
      case "BeatsEnded": {
        const found = this.runOf(report)
        return found && this.beats?.lost(found.run.quota)
      }
      case "Notice": {
        const found = this.runOf(report)
        found?.run.notice(report, report.at)
        return found && report.hasFailed ? this.beats?.failed(found.run.quota) : undefined
      }
      case "Log":
        return this.addLog(report)
      case "Signalled":
        return this.answer(report.ticket, report.errno === 0)
      case "Spawned":
      case "NotStarted":
      case "Ready":
      case "LeaderEnded":
      case "Blocked":
      case "Exited":
        return this.addKept(report)
    }
  }

  /** The keeper has ended: no answer comes any more. Whether a log can be written the next keeper finds out. */
  endAnswers(): void {
    for (const log of [...this.failing.values()]) this.resumeLog(log)
    for (const ticket of [...this.answers.keys()]) this.answer(ticket, false)
  }

  /** The keeper has ended, and these with it. Meanwhile there may be another keeper, and others that it runs. */
  endAll(lost: ReturnType<Places["runs"]>, why: SpawnError): void {
    for (const { place, run } of lost) {
      if (run.isOver) continue
      run.end()
      this.end(place, run)
      if (run.pid === 0) this.outbox.emit(run.quota, { _tag: "NotStarted", ...why })
      else this.outbox.emit(run.quota, { _tag: "Exited", code: undefined, signal: "SIGKILL", isLost: true })
    }
  }

  /** Also of a leaf that has ended. */
  private addLog({ leaf, incarnation, errno, lines, bytes }: Extract<Report, { readonly _tag: "Log" }>): void {
    const place = this.places.ofLeaf(leaf)
    if (place === undefined) return
    const quota = this.runOf({ leaf, incarnation })?.run.quota ?? new OutputQuota({ path: place.path, incarnation })
    if (errno === 0) return this.resumeLog({ quota, lines, bytes })
    this.failing.set(place.path, { quota, lines, bytes })
    this.outbox.emit(quota, { _tag: "LogFailed", errno: systemErrorName(errno), lines, bytes })
  }

  private resumeLog({ quota, lines, bytes }: { readonly quota: OutputQuota; readonly lines: number; readonly bytes: number }): void {
    this.failing.delete(quota.path)
    this.outbox.emit(quota, { _tag: "LogResumed", lines, bytes })
  }

  private addKept(report: KeptReport): void {
    if (report.n !== this.last + 1) throw new MalformedFrame(`event ${report.n} after event ${this.last}`)
    this.last = report.n
    const found = this.runOf(report)
    if (found === undefined) throw new MalformedFrame(`an event of leaf ${report.leaf}, which does not run`)
    const { place, run } = found
    const seen: Seen = { at: report.at, source: this.from + report.n }
    switch (report._tag) {
      case "Spawned": {
        const { pid, startTime, isReady } = report
        run.command = undefined
        run.pid = pid
        run.startTime = startTime
        this.outbox.emit(run.quota, { _tag: "Spawned", pid, startTime }, isReady ? { at: report.at } : seen)
        if (isReady) run.ready(seen)
        return
      }
      case "NotStarted": {
        const error = this.spawnError(report, run)
        this.end(place, run)
        return this.outbox.emit(run.quota, { _tag: "NotStarted", ...error }, seen)
      }
      case "Ready":
        run.ready(seen)
        return this.listener.ready(place)
      case "LeaderEnded":
        return this.tellLeaderEnded(run, report, seen)
      case "Blocked":
        return this.outbox.emit(run.quota, { _tag: "Blocked", pids: report.pids }, seen)
      case "Exited": {
        run.end({ at: report.at })
        run.isOver = true
        return this.endLeft(run, report, (left) => this.exited(place, run, { ...report, strays: [...report.strays, ...left] }, seen))
      }
    }
  }

  /** What its checks have left behind ends with it. */
  private endLeft(run: Run, report: ExitReport, ended: (pids: ReadonlyArray<number>) => void): void {
    const { left, quota } = run
    if (left === undefined) return ended([])
    const ending = this.strays.end(left.mark, left.signal, performance.now() + left.withinMs, {
      found: () => this.tellLeaderEnded(run, report),
      blocked: (pids) => this.outbox.emit(quota, { _tag: "Blocked", pids }),
      ended: () => queueMicrotask(() => ended(ending.pids))
    })
  }

  private tellLeaderEnded(run: Run, { end }: ExitReport, seen?: Seen): void {
    if (run.wasLeaderEndTold) return
    run.wasLeaderEndTold = true
    this.outbox.emit(run.quota, { _tag: "LeaderEnded", ...end }, seen)
  }

  /** At once, without a report: for the moment before our own end. */
  killLeft(): void {
    for (const { run } of this.places.runs()) if (run.left !== undefined) this.strays.killNow(run.left.mark)
  }

  private exited(place: Place, run: Run, { end, strays, usage, dumped, outOfMemory }: ExitReport, seen: Seen): void {
    this.end(place, run)
    const more = { usage, ...(strays.length > 0 && { strays }), ...(dumped && { dumped }), ...(outOfMemory && { outOfMemory }) }
    this.outbox.emit(run.quota, { _tag: "Exited", ...end, ...more }, seen)
  }

  /** Before the last event of a leaf: its sink may start the next incarnation. */
  private end(place: Place, run: Run): void {
    this.places.end(place)
    this.outbox.close(run.quota)
    if (--this.running === 0) this.listener.running(0)
  }

  private spawnError({ errno, blocker }: Extract<KeptReport, { readonly _tag: "NotStarted" }>, { command }: Run): SpawnError {
    if (errno === BUSY) return busy(blocker.incarnation, blocker.pid)
    const ours = OURS[errno]
    if (ours !== undefined || command === undefined) return ours ?? { errno: String(errno), message: `error ${errno}` }
    const code = systemErrorName(errno)
    return spawnErrorOf({ code, message: `${command.argv[0]}: ${code}` }, command, leafEnvironment(command))
  }

  private answer(ticket: number, isSent: boolean): void {
    take(this.answers, ticket)?.(isSent)
  }

  private runOf({ leaf, incarnation }: { readonly leaf: number; readonly incarnation: number }) {
    const place = this.places.ofLeaf(leaf)
    return place?.run?.incarnation === incarnation ? { place, run: place.run } : undefined
  }
}

function systemErrorName(errno: number): string {
  try {
    return getSystemErrorName(-errno)
  } catch {
    return `error ${errno}`
  }
}
