/** One incarnation of one leaf, as far as the brain has to know it: the keeper has its process. */
import type { Incarnation } from "../../core/Event.ts"
import type { Pattern } from "../../tree/pattern.ts"
import type { Signal } from "../../tree/Spec.ts"
import { type Outbox, OutputQuota, type Seen } from "../Outbox.ts"
import type { Mark } from "../os/Strays.ts"
import type { Stream } from "../ReportedLines.ts"
import type { SpawnCommand } from "../Spawner.ts"
import { type Notice, Notices } from "./Notices.ts"
import { ReceivedOutput } from "./ReceivedOutput.ts"

/** Processes that are no children of the keeper, as it has not started the command that has started them. */
interface Left {
  readonly mark: Mark
  readonly signal: Signal
  /** How long they may take. */
  readonly withinMs: number
}

/** Where the leaf has no limit. */
const WITHIN_MS = 5_000

function leftOf({ path, incarnation, env, hasCommands, stopSignal, shutdown }: SpawnCommand): Left | undefined {
  if (hasCommands !== true || env.SUPERVISE_SUPERVISOR == null) return undefined
  const withinMs = shutdown === "infinity" ? WITHIN_MS : shutdown === "brutalKill" ? 0 : shutdown
  return { mark: { path, incarnation, supervisor: env.SUPERVISE_SUPERVISOR }, signal: stopSignal, withinMs }
}

export class Run {
  readonly quota: OutputQuota
  /** Until it runs: what explains an error. */
  command: SpawnCommand | undefined
  /** 0 until it runs. */
  pid = 0
  /** What its checks may leave behind, and how it is ended; undefined if none of them is a command. */
  readonly left: Left | undefined
  /** The keeper has nothing of it any more. */
  isOver = false
  wasLeaderEndTold = false
  /** In clock ticks since boot. With the pid it identifies the leader. */
  startTime = 0
  private isReady = false
  private readonly need: SpawnCommand["output"]
  private readonly outbox: Outbox
  /** What makes it ready. */
  private readonly pattern: Pattern | undefined
  /** Of most processes no output comes. */
  private received: ReceivedOutput | undefined = undefined
  /** Few processes say anything. */
  private notices: Notices | undefined = undefined

  constructor(command: SpawnCommand, pattern: Pattern | undefined, outbox: Outbox) {
    this.quota = new OutputQuota(command)
    this.command = command
    this.left = leftOf(command)
    this.need = command.output ?? (pattern === undefined ? undefined : "untilReady")
    this.outbox = outbox
    this.pattern = pattern
  }

  get incarnation(): Incarnation["incarnation"] {
    return this.quota.incarnation
  }

  /** Its output is needed for itself, also if nothing else wants it. */
  get needsOutput(): boolean {
    return this.need === "always" || (this.need === "untilReady" && !this.isReady)
  }

  ready(seen?: Seen): void {
    this.isReady = true
    this.outbox.emit(this.quota, { _tag: "Ready" }, seen)
  }

  /** See `ReceivedOutput`. */
  output(stream: Stream, bytes: Buffer, continues: boolean, seen?: Seen): void {
    this.received ??= new ReceivedOutput(this.outbox, this.quota, this.pattern, (at) => this.ready(at))
    this.received.add(stream, bytes, continues, seen)
  }

  /** So much of its output was dropped on the way to us. */
  dropped(lines: number, bytes: number): void {
    this.outbox.dropped(this.quota, lines, bytes)
  }

  /** `at`: when it was received, in milliseconds of CLOCK_MONOTONIC. */
  notice(notice: Notice, at: number): void {
    this.notices ??= new Notices((news) => this.outbox.emit(this.quota, { _tag: "Notified", ...news }))
    this.notices.add(notice, at)
  }

  /** Nothing more comes. */
  end(seen?: Seen): void {
    this.notices?.end()
    this.received?.end(seen)
  }
}
