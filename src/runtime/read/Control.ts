/**
 * The interface of a running tree: read it, watch it, and control it.
 *
 * Nodes are named by their path, such as `/shop/web` or `/shop/jobs/3`, or by any end of it that no other path has,
 * such as `web` or `jobs/3`. The methods for dynamic children have OTP's names; `start`, `stop` and `restart` are the
 * operator's.
 */

import { constants } from "node:os"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Answer, ChildAnswer, Request } from "../../core/Event.ts"
import { flatten } from "../../core/flatten.ts"
import { notFound, pathNamed } from "../../core/Name.ts"
import { childOf, idOf, parentOf } from "../../core/Path.ts"
import { type NodeSnapshot, snapshot, snapshotOf } from "../../core/Snapshot.ts"
import type { Unmet } from "../../leaf/needsKeeper.ts"
import type { Spawner } from "../../leaf/Spawner.ts"
import { decodeChild } from "../../tree/decode.ts"
import { pathsOf } from "../../tree/paths.ts"
import type { BadTree } from "../../tree/problems/BadTree.ts"
import type { SourceMap } from "../../tree/SourceMap.ts"
import type { Child, ChildSpec, Signal } from "../../tree/Spec.ts"
import type { Kernel } from "../kernel/Kernel.ts"
import { type Explanation, makeDecisionLog } from "./DecisionLog.ts"
import { type FailingLog, rememberFailingLogs } from "./failingLogs.ts"
import { Refused } from "./Refused.ts"
import { rememberEvents } from "./recentEvents.ts"
import { watchSources } from "./sources.ts"
import { subscribe } from "./subscribe.ts"
import type { Ending, TreeEvent } from "./TreeEvent.ts"
import { usageIn, type WorkerUsage } from "./usage.ts"

/** A node as it is at one moment. */
export type Node = NodeSnapshot

/** The tree at one moment. `now`: milliseconds of the tree's clock, to which `since` and `until` refer. */
export interface Snapshot {
  readonly now: number
  readonly root: Node
}

/** A node that has changed, without its children. `node` is undefined if it is gone. */
export type Change = { readonly path: string; readonly now: number; readonly node: Node | undefined }

/**
 * Why a node is as it is. `now` and the times in decisions are of the tree's clock; `at`: the same moment in
 * milliseconds since 1970.
 */
export interface Why extends Explanation {
  readonly path: string
  readonly now: number
  readonly at: number
  /** Without its children; undefined if there is no such node. */
  readonly node?: Node
  /** It is on hold, if that is still known: since when, in milliseconds since 1970. */
  readonly holdSince?: number
  /** Its log cannot be written. */
  readonly logFailing?: FailingLog
  /** If it is missing because a supervisor above it is down: the nearest one above it that is there. */
  readonly above?: Node
}

/** The incarnation that came up; undefined if the child declined to start, or if nothing had to be done. */
export interface Up {
  readonly path: string
  readonly incarnation: number | undefined
}

export interface Counts {
  readonly specs: number
  readonly active: number
  readonly supervisors: number
  readonly workers: number
}

/** Any signal of this machine; other names are refused. */
export type SignalName = `SIG${string}`

type Refusable<A> = Effect.Effect<A, Refused>

export class Control extends Context.Service<
  Control,
  {
    readonly snapshot: Effect.Effect<Snapshot>
    /**
     * Every node, from the root down, and then every node that changes, until the tree has ended. Nodes below a
     * supervisor that is down are gone. The health of a supervisor, which depends on its children, is in `snapshot`
     * only.
     */
    readonly changes: Stream.Stream<Change>
    /**
     * Everything that happens from now on, until the tree has ended. A slow reader first misses lines of output, which
     * are counted in `Dropped`, and then the oldest events, which shows as a gap in `seq`.
     */
    readonly events: Stream.Stream<TreeEvent>
    /**
     * Calls `listener` with everything that happens from now on, in order and without a gap. It must be quick; one that
     * throws breaks the tree. Call the answer to stop. With `output: false` it gets no lines of output: as long as
     * nothing wants them, they need not be read here.
     */
    readonly observe: (listener: (event: TreeEvent) => void, options?: { readonly output?: boolean }) => () => void
    /** The last 1,000 events, oldest first, without lines of output. */
    readonly recent: Effect.Effect<ReadonlyArray<TreeEvent>>
    /** The recent events and then, without a gap, everything that happens. */
    readonly history: Stream.Stream<TreeEvent>
    /** The same without lines of output, which it does not ask for. */
    readonly historyWithoutOutput: Stream.Stream<TreeEvent>
    /**
     * Why a node is as it is: what it waits for, and the last decisions that concern it: of a worker the last one, of a
     * supervisor the last five about itself and all below it; or `last` of them. 1,000 decisions are kept in all.
     */
    readonly why: (path: string, last?: number) => Refusable<Why>
    /** What each worker that has a process uses of the machine, by itself and with all of its group. */
    readonly usage: Effect.Effect<ReadonlyArray<WorkerUsage>>
    /** Puts it on hold: it stays down until it is started by hand. Done when it is down. */
    readonly stop: (path: string) => Refusable<void>
    /** Starts it; a child that waits is started now. */
    readonly start: (path: string) => Refusable<Up>
    /** Restarts it and the affected siblings, now and uncounted. */
    readonly restart: (path: string) => Refusable<Up>
    /** Sends a signal to the process of a worker, or to its whole group. */
    readonly signal: (path: string, signal: SignalName, to?: "leader" | "group") => Refusable<void>
    readonly scale: (path: string, size: number) => Refusable<void>
    readonly startChild: (path: string, spec: ChildSpec) => Effect.Effect<Up, Refused | BadTree | Unmet>
    /** One more instance of a pool; `argv` is appended to its command. */
    readonly startInstance: (path: string, argv?: ReadonlyArray<string>) => Refusable<Up>
    readonly terminateChild: (path: string) => Refusable<void>
    readonly restartChild: (path: string) => Refusable<Up>
    readonly deleteChild: (path: string) => Refusable<void>
    readonly getChildSpec: (path: string) => Refusable<Child>
    readonly whichChildren: (path: string) => Refusable<ReadonlyArray<ChildAnswer>>
    readonly countChildren: (path: string) => Refusable<Counts>
    /** The files of the tree that have changed since it was started; none are known of a tree that a program made. */
    readonly changedFiles: Effect.Effect<ReadonlyArray<string>>
    /** Stops the whole tree, in reverse order. Done when nothing runs any more. */
    readonly shutdown: Effect.Effect<Ending>
    /** Kills the whole tree, at once. */
    readonly kill: Effect.Effect<Ending>
    /** Done when the tree has ended, for whatever reason. */
    readonly ended: Effect.Effect<Ending>
  }
>()("supervise/runtime/Control") {}

/**
 * The interface of what this kernel runs with this spawner. `origin`: where the tree comes from, if that is known.
 * `unmet`: why a child at this path cannot have what it asks for.
 */
export const makeControl = (
  kernel: Kernel,
  spawner: Spawner,
  origin?: SourceMap,
  unmet: (child: Child, path: string) => Unmet | undefined = () => undefined
): Control["Service"] => {
  const { state } = kernel
  const paths = (): ReadonlyArray<string> => [state.rootPath, ...state.children.keys()]
  const refuse = (why: Refused["why"]) => Effect.fail(new Refused({ why: why._tag === "NotFound" ? notFound(why.path, paths()) : why }))
  /** Calls `act` with the path that a name stands for. */
  const at = <A, E>(name: string, act: (path: string) => Effect.Effect<A, E>): Effect.Effect<A, E | Refused> =>
    Effect.suspend((): Effect.Effect<A, E | Refused> => {
      // Also of what is gone while a supervisor above it is down.
      const path = name.startsWith("/") ? name : pathNamed(name, [...new Set([...pathsOf(state.root), ...paths()])])
      return typeof path === "string" ? act(path) : refuse(path)
    })
  const ask = (path: string, request: Request): Refusable<Exclude<Answer, { _tag: "Refused" }>> =>
    Effect.flatMap(kernel.call(path, request), (answer) => (answer._tag === "Refused" ? refuse(answer.why) : Effect.succeed(answer)))
  /** A call about a child goes to its supervisor. */
  const askAbout = (path: string, make: (id: string) => Request) => {
    if (path === state.rootPath) return refuse({ _tag: "IsRoot", path })
    const above = parentOf(path)
    return above === "" ? refuse({ _tag: "NotFound", path }) : ask(above, make(idOf(path)))
  }
  const about = (_tag: "hold" | "start" | "restart" | "terminateChild" | "restartChild" | "deleteChild") => (path: string) =>
    askAbout(path, (id) => ({ _tag, id }))
  /** Of a start the answer is `Up` or `Nothing`. */
  const up = (answer: Answer): Up => {
    const { path, incarnation } = answer as { readonly path: string; readonly incarnation?: number }
    return { path, incarnation }
  }

  const past = rememberEvents(kernel)
  const failingLogs = rememberFailingLogs(kernel)
  const decisions = makeDecisionLog(kernel, origin)
  const nodeAt = (path: string): Node | undefined => snapshotOf(state, path)
  const changeOf = (path: string): Change => {
    return { path, now: kernel.now(), node: nodeAt(path) }
  }

  const nearestAbove = (path: string): Node | undefined => {
    const above = parentOf(path)
    return above === "" ? undefined : (nodeAt(above) ?? nearestAbove(above))
  }
  const why = (path: string, at: number, last?: number): Why => {
    const [node, above] = [nodeAt(path), nearestAbove(path)]
    const holdSince = past().findLast((event) => event._tag === "Hold" && event.path === path)?.at
    const failing = failingLogs.get(path)
    const isDown = node === undefined && above !== undefined && !state.supervisors.has(parentOf(path))
    return {
      path,
      now: kernel.now(),
      at,
      ...(node === undefined ? {} : { node }),
      ...(isDown ? { above } : {}),
      ...(failing === undefined ? {} : { logFailing: failing }),
      ...(node?.hold === true && holdSince !== undefined ? { holdSince } : {}),
      ...decisions.about(path, last)
    }
  }

  return {
    snapshot: Effect.sync(() => ({ now: kernel.now(), root: snapshot(state) })),
    events: Stream.unwrap(subscribe(kernel, (event) => event)),
    observe: (listener, { output = true } = {}) => {
      const told = output ? listener : (event: TreeEvent) => (event._tag === "Line" ? undefined : listener(event))
      return kernel.observe({ told, wantsOutput: output })
    },
    recent: Effect.sync(past),
    usage: Effect.suspend(() => usageIn(state)),
    history: Stream.unwrap(subscribe(kernel, (event) => event, { before: past })),
    historyWithoutOutput: Stream.unwrap(subscribe(kernel, (event) => event, { before: past, output: false })),
    changes: Stream.unwrap(
      subscribe(kernel, ({ _tag, path }) => (_tag === "Dropped" ? undefined : changeOf(path)), {
        before: () => flatten(snapshot(state)).map(({ path }) => changeOf(path)),
        output: false
      })
    ),
    why: (name, last) =>
      at(name, (path) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          decisions.knows(path) ? Effect.succeed(why(path, now, last)) : refuse({ _tag: "NotFound", path })
        )
      ),
    stop: (name) => at(name, (path) => Effect.asVoid(about("hold")(path))),
    start: (name) => at(name, (path) => Effect.map(about("start")(path), up)),
    restart: (name) => at(name, (path) => Effect.map(about("restart")(path), up)),
    signal: (name, signal, to = "leader") =>
      at(name, (path) => {
        const child = state.children.get(path)
        if (path === state.rootPath || (child !== undefined && child.spec.type !== "worker")) return refuse({ _tag: "NotWorker", path })
        if (child === undefined) return refuse({ _tag: "NotFound", path })
        if (!(signal in constants.signals)) return refuse({ _tag: "BadSignal", path, signal: String(signal) })
        const { incarnation } = child.record
        return Effect.callback<void, Refused>((resume) =>
          // The spawner names the signals that a tree may ask for; it sends any.
          spawner.signal({ path, incarnation }, signal as Signal, to, (isSent) =>
            resume(isSent ? Effect.void : refuse({ _tag: "NotRunning", path }))
          )
        )
      }),
    scale: (name, size) => at(name, (path) => Effect.asVoid(ask(path, { _tag: "scale", size }))),
    startChild: (name, spec) =>
      at(name, (path) => {
        const within = state.supervisors.get(path)?.spec
        const autoShutdown = within?.type === "supervisor" ? within.autoShutdown : "never"
        const decoded = decodeChild(spec, { path, kind: within?.type === "pool" ? "pool" : "supervisor", autoShutdown })
        return Effect.flatMap(decoded, (child): Effect.Effect<Up, Refused | Unmet> => {
          const need = unmet(child, childOf(path, child.id))
          return need === undefined ? Effect.map(ask(path, { _tag: "startChild", spec: child }), up) : Effect.fail(need)
        })
      }),
    startInstance: (name, argv = []) => at(name, (path) => Effect.map(ask(path, { _tag: "startInstance", argv }), up)),
    terminateChild: (name) => at(name, (path) => Effect.asVoid(about("terminateChild")(path))),
    restartChild: (name) => at(name, (path) => Effect.map(about("restartChild")(path), up)),
    deleteChild: (name) => at(name, (path) => Effect.asVoid(about("deleteChild")(path))),
    getChildSpec: (name) =>
      at(name, (path) =>
        Effect.map(
          askAbout(path, (id) => ({ _tag: "getChildSpec", id })),
          (answer) => (answer as Extract<Answer, { _tag: "Spec" }>).spec
        )
      ),
    whichChildren: (name) =>
      at(name, (path) =>
        Effect.map(ask(path, { _tag: "whichChildren" }), (answer) => (answer as Extract<Answer, { _tag: "Children" }>).children)
      ),
    countChildren: (name) =>
      at(name, (path) => Effect.map(ask(path, { _tag: "countChildren" }), (answer) => answer as Extract<Answer, { _tag: "Count" }>)),
    changedFiles: Effect.sync(watchSources(origin)),
    shutdown: Effect.andThen(
      Effect.sync(() => kernel.send({ _tag: "Stop" })),
      kernel.ended
    ),
    kill: Effect.andThen(
      Effect.sync(() => kernel.send({ _tag: "Kill" })),
      kernel.ended
    ),
    ended: kernel.ended
  }
}
