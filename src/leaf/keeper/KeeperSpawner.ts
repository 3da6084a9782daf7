/**
 * The spawner over a native parent process, the keeper. It starts without forking a large process, and tells the true
 * status of every end; its leaves end when this process does, however it ends, SIGKILL included.
 *
 * Commands become frames, and frames become events. Events are numbered here, and kept by the keeper, too, until they
 * are acknowledged. If the keeper itself ends, all leaves have ended with it: each is reported, and a new keeper is
 * started.
 */
import type { Incarnation } from "../../core/Event.ts"
import type { Shutdown, Signal } from "../../tree/Spec.ts"
import { closeAtExit } from "../closeAtExit.ts"
import { Outbox, OutputQuota } from "../Outbox.ts"
import { busy, CLOSED, type SpawnError } from "../os/spawnErrors.ts"
import type { OwnedSpawner, SpawnCommand } from "../Spawner.ts"
import { Cgroups } from "./Cgroups.ts"
import { Connection } from "./Connection.ts"
import { NoCgroups } from "./cgroupHere.ts"
import * as commands from "./commands.ts"
import { KeeperLost } from "./KeeperLost.ts"
import { endLeftovers } from "./leftovers.ts"
import { type Place, Places } from "./Places.ts"
import { Reports } from "./Reports.ts"
import { Run } from "./Run.ts"
import type { Report } from "./readReport.ts"
import { signalNumber } from "./signals.ts"
import { baseEnvironment, isSameSpec, shutdownNumber, specOf } from "./specs.ts"
import { WantedOutput } from "./WantedOutput.ts"

/** A keeper that ends more often than this within the time ends for a reason that a new one does not mend. */
const LOSSES_MOST = 5
const LOSSES_WITHIN_MS = 60_000

interface KeeperSpawnerOptions {
  /** The path of the keeper's program. */
  readonly program: string
  /** The descriptor of a connection to a keeper that runs: then none is started at first. */
  readonly inherited?: number
  /** Called when a keeper has ended by itself. Default: a warning of this process. */
  readonly onLost?: (error: KeeperLost) => void
  /** Called when processes that belonged to no leaf were ended with the rest. Default: a warning of this process. */
  readonly onStrays?: (strays: { readonly count: number; readonly pids: ReadonlyArray<number> }) => void
}

interface KeeperSpawner extends OwnedSpawner {
  /** Done when the keeper has ended as well, or takes too long for that. */
  readonly close: () => Promise<void>
  /** The process that we have started: the guard above the keeper; or the keeper that has started us. */
  readonly pid: () => number | undefined
}

export function makeKeeperSpawner(options: KeeperSpawnerOptions): KeeperSpawner {
  const leaves = new Leaves(options)
  const closed = closeAtExit(leaves)
  return {
    attach: (sink) => leaves.outbox.attach(sink),
    acknowledge: (n) => leaves.outbox.acknowledge(n),
    onBeats: (listener) => leaves.reports.onBeats(listener),
    wantOutput: (isWanted) => leaves.wantOutput(isWanted),
    spawn: (command) => leaves.spawn(command),
    signal: (leaf, signal, to, sent) => leaves.signal(leaf, signal, to, sent),
    stop: (leaf, how) => leaves.stop(leaf, how),
    flush: () => leaves.flush(),
    killAll: () => leaves.killAll(),
    close: () => {
      closed()
      return leaves.close()
    },
    kept: () => leaves.outbox.size(),
    pid: () => leaves.pid
  }
}

const warn = ({ message }: KeeperLost): void => process.emitWarning(message)

const warnOfStrays: NonNullable<KeeperSpawnerOptions["onStrays"]> = ({ count, pids }) => {
  const more = count > pids.length ? ` and ${count - pids.length} more` : ""
  process.emitWarning(`Processes that belonged to no worker were ended with the tree: pid ${pids.join(", ")}${more}.`)
}

class Leaves {
  readonly outbox = new Outbox((source) => this.acknowledge(source))
  private readonly places = new Places((leaf) => this.connection?.send(commands.gone(leaf)))
  private readonly output = new WantedOutput(this.places, (leaf, isWanted) => this.connection?.send(commands.setOutput(leaf, isWanted)))
  readonly reports = new Reports(this.outbox, this.places, {
    running: (count) => this.connection?.setBusy(count > 0),
    ready: (place) => this.output.tell(place)
  })
  private readonly options: KeeperSpawnerOptions
  private connection: Connection | undefined = undefined
  private readonly base = baseEnvironment(process.env)
  /** Why the last keeper was lost; completes "The keeper …". */
  private lastLoss = ""
  /** When keepers were lost, in milliseconds of `performance.now()`, the last ones. */
  private readonly losses: Array<number> = []
  /** What the keeper's numbers of events are counted from: of an earlier keeper there may be some left. */
  private numberedFrom = 0
  private isClosed = false
  private readonly cgroups = cgroupsOf(Cgroups.make())

  constructor(options: KeeperSpawnerOptions) {
    this.options = options
    this.connect(options.inherited)
  }

  get pid(): number | undefined {
    return this.connection?.pid
  }

  spawn(command: SpawnCommand): void {
    const { path, incarnation } = command
    const place = this.places.at(path)
    if (place === undefined) return this.failToStart(command, TOO_MANY)
    if (incarnation <= place.highest) return
    place.highest = incarnation
    const previous = place.run
    if (this.isClosed) return this.failToStart(command, CLOSED)
    if (previous !== undefined) return this.failToStart(command, busy(previous.incarnation, previous.pid))
    const connection = this.connected()
    if ("errno" in connection) return this.failToBegin(place, command, connection)
    if (place.told === undefined || !isSameSpec(place.told.command, command)) {
      const made = specOf(place.leaf, command)
      if ("errno" in made) return this.failToBegin(place, command, made)
      connection.send(commands.spec(made.spec, this.cgroups?.of(path)))
      place.told = { command, pattern: made.pattern }
    }
    this.places.begin(place, new Run(command, place.told.pattern, this.outbox))
    this.reports.begun()
    this.output.tell(place)
    connection.send(commands.spawn(place.leaf, incarnation))
  }

  /** At once: what happens next in this turn may make a leaf print, and that is wanted already. */
  wantOutput(isWanted: boolean): void {
    this.output.want(isWanted)
    this.connection?.flush()
  }

  signal(leaf: Incarnation, signal: Signal, to: "leader" | "group", sent: (isSent: boolean) => void): void {
    const place = this.running(leaf)
    const number = signalNumber(signal)
    if (place === undefined || number === undefined || this.connection === undefined) return sent(false)
    this.connection.send(commands.signal(place.leaf, leaf.incarnation, number, to, this.reports.expectAnswer(sent)))
  }

  stop(leaf: Incarnation, how: Shutdown): void {
    const place = this.running(leaf)
    if (place !== undefined) this.connection?.send(commands.stop(place.leaf, leaf.incarnation, shutdownNumber(how)))
  }

  flush(): void {
    this.connection?.flush()
  }

  killAll(): void {
    this.isClosed = true
    this.connection?.send(commands.killAll())
    this.connection?.flush()
    this.reports.killLeft()
  }

  close(): Promise<void> {
    this.killAll()
    this.outbox.attach(undefined)
    this.reports.onBeats(undefined)
    const { connection } = this
    this.connection = undefined
    connection?.send(commands.quit())
    const closed = new Promise<void>((ended) => (connection === undefined ? ended() : connection.close(ended)))
    return closed.then(() => this.cgroups?.close())
  }

  private running({ path, incarnation }: Incarnation) {
    const place = this.places.get(path)
    return place?.run?.incarnation === incarnation ? place : undefined
  }

  private failToStart(leaf: Incarnation, error: SpawnError): void {
    this.outbox.emit(new OutputQuota(leaf), { _tag: "NotStarted", ...error })
  }

  private failToBegin(place: Place, leaf: Incarnation, error: SpawnError): void {
    this.places.end(place)
    this.failToStart(leaf, error)
  }

  private acknowledge(source: number): void {
    if (source > this.numberedFrom) this.connection?.send(commands.acknowledge(source - this.numberedFrom))
  }

  // ---------------------------------------------------------------- the keeper

  /** The connection, or why there can be none. */
  private connected(): Connection | SpawnError {
    if (this.base === undefined) return ENVIRONMENT_TOO_LARGE
    if (this.connection === undefined && !this.hasLostTooMany()) this.connect()
    const tooOften = this.hasLostTooMany() ? `, ${LOSSES_MOST} times within a minute, so none is started for the moment` : ""
    return this.connection ?? keeperError(this.lastLoss, tooOften)
  }

  private connect(inherited?: number): void {
    if (this.base === undefined) return
    this.numberedFrom = this.reports.newKeeper()
    this.places.untold()
    const { reports } = this
    const listener = {
      report: (report: Report) => reports.add(report),
      lost: (error: KeeperLost) => this.onLost(error),
      strays: this.options.onStrays ?? warnOfStrays
    }
    try {
      const connection = new Connection(inherited ?? this.options.program, listener)
      this.connection = connection
      connection.setBusy(reports.isBusy)
      connection.send(commands.hello(0))
      connection.send(commands.env(this.base))
    } catch (error) {
      // Of some errors Node tells at once.
      this.onLost(new KeeperLost({ because: `could not be started: ${(error as Error).message}` }))
    }
  }

  private hasLostTooMany(): boolean {
    return this.losses.length >= LOSSES_MOST && performance.now() - this.losses.at(-LOSSES_MOST)! < LOSSES_WITHIN_MS
  }

  private onLost(error: KeeperLost): void {
    this.connection = undefined
    this.losses.push(performance.now())
    this.losses.splice(0, this.losses.length - LOSSES_MOST)
    this.lastLoss = error.because
    ;(this.options.onLost ?? warn)(error)
    this.reports.endAnswers()
    this.cgroups?.kill()
    const lost = this.places.runs()
    const leaders = lost.map(({ run }) => run)
    endLeftovers(leaders, () => this.reports.endAll(lost, keeperError(error.because)))
  }
}

const cgroupsOf = (made: Cgroups | NoCgroups): Cgroups | undefined => (made instanceof NoCgroups ? undefined : made)

const keeperError = (because: string, more = ""): SpawnError => ({
  errno: "KEEPER",
  message: `the keeper, the parent of all workers, ${because}${more}`
})

const TOO_MANY: SpawnError = { errno: "EAGAIN", message: "the keeper has as many workers as it can have, 131,072" }
const ENVIRONMENT_TOO_LARGE: SpawnError = {
  errno: "E2BIG",
  message: "the supervisor's own environment is too long for the keeper, which takes 4,096 variables and 500 KiB"
}
