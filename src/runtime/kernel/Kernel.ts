/**
 * The one place where a live tree changes: one queue, one fiber that folds what is in it through the core, and then does what the core says.
 *
 * Every event of the tree goes through the queue, so there is one order of all that happened, and the core's state is a function of it. A
 * batch is folded first and acted upon afterwards; only then are the leaves' events acknowledged. Output lines take the same way, so that a
 * line never comes after the exit of who wrote it, but the core does not see them.
 */

import { resolve } from "node:path"
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import type { Action } from "../../core/Action.ts"
import type { Answer, Event, Request } from "../../core/Event.ts"
import type { Exit } from "../../core/Exit.ts"
import type { JournalEntry } from "../../core/Journal.ts"
import { find, make, step } from "../../core/Machine.ts"
import type { TreeState } from "../../core/State.ts"
import type { EventLoopLag } from "../../leaf/EventLoopLag.ts"
import { monotonicMs } from "../../leaf/os/monotonic.ts"
import { pressure } from "../../leaf/os/pressure.ts"
import { LONGEST_TIMER_MS } from "../../leaf/os/timer.ts"
import type { LeafEvent, ProcessEnd, Sign, Spawner } from "../../leaf/Spawner.ts"
import type { Ready, Tree } from "../../tree/Spec.ts"
import type { Decided, Ending, TreeEvent, TreeEventBody } from "../read/TreeEvent.ts"
import { makeStartTimeouts } from "./startTimeouts.ts"
import { makeTimers } from "./Timers.ts"

interface KernelOptions {
  readonly spawner: Spawner
  /** What the workers' relative folders are relative to. */
  readonly folder: string
  /** Decides all jitter. */
  readonly seed: number
  /** Knows when our own event loop did not turn. Without it nobody's start timeout is put off for that. */
  readonly lag?: Pick<EventLoopLag, "overlap">
  /** Sees every event that the core folds, and what it made of it, before anything is done about it. It must be quick, and must not throw. */
  readonly onJournalEntry?: ((moment: JournalEntry) => void) | undefined
}

export interface Kernel {
  readonly state: TreeState
  /** Milliseconds of the tree's own clock, which never goes back and starts at 0. */
  readonly now: () => number
  /** The process of each leaf that has one. */
  readonly pids: ReadonlyMap<string, number>
  /** Stuck: members of a leaf's group that do not die of SIGKILL. */
  readonly blocked: ReadonlyMap<string, ReadonlyArray<number>>
  readonly send: (event: Event) => void
  readonly call: (path: string, request: Request) => Effect.Effect<Answer>
  /** Called for every event, in order, within the fold: it must be quick, and must not throw. Answers how to stop watching. */
  readonly watch: (watcher: (event: TreeEvent) => void) => () => void
  /** Called for every decision, in the fold, before its news is told: it must be quick, and must not throw. */
  readonly onDecision: (watcher: (decided: Decided) => void) => void
  /** Done when the root is gone and nothing is left. Dies when the kernel itself is broken; then everything has been killed. */
  readonly ended: Effect.Effect<Ending>
}

export const makeKernel = Effect.fnUntraced(function* (
  tree: Tree,
  { spawner, folder, seed, lag, onJournalEntry }: KernelOptions
): Effect.fn.Return<Kernel, never, Scope.Scope> {
  const clock = yield* Clock.Clock
  const inbox = yield* Queue.unbounded<Event | LeafEvent>()
  const ended = yield* Deferred.make<Ending>()
  const begin = clock.monotonicTimeNanosUnsafe()
  const now = () => Number((clock.monotonicTimeNanosUnsafe() - begin) / 1_000_000n)
  const send = (event: Event | LeafEvent) => void Queue.offerUnsafe(inbox, event)
  const timers = makeTimers<Event>(now, (event, due) => {
    const later = putOff(event, due, now())
    if (later === undefined) send(event)
    else timers.add(later.at, later.event)
  })
  const state = make(tree, seed)
  const pids = new Map<string, number>()
  const blocked = new Map<string, ReadonlyArray<number>>()
  const waiting = new Map<number, Deferred.Deferred<Answer>>()
  const watchers = new Set<(event: TreeEvent) => void>()
  const deciders = new Set<(decided: Decided) => void>()
  let seq = 0
  let tickets = 0
  const putOff = makeStartTimeouts({
    asked: ({ path, incarnation }) => {
      const child = find(state, path)?.child
      if (child?.phase !== "starting" || child.record.incarnation !== incarnation || child.spec.type !== "worker") return undefined
      const { ready, startTimeout } = child.spec
      return "interval" in ready && startTimeout !== "infinity" ? { ...ready, startTimeout } : undefined
    },
    stalled: (from, to) => {
      const apart = monotonicMs() - now()
      return lag?.overlap(from + apart, to + apart) ?? 0
    }
  })
  /** Every command is answered, also when nobody folds any more. */
  let closed = false
  const nobody: Answer = { _tag: "Refused", why: { _tag: "NotRunning", path: state.rootPath } }

  const stamped = (happening: TreeEventBody): TreeEvent => ({ ...happening, seq: ++seq, at: clock.currentTimeMillisUnsafe() })
  const tell = (happening: TreeEventBody): void => {
    const event = stamped(happening)
    for (const watcher of watchers) watcher(event)
  }

  const decided = (decision: Decided["decision"]): void => {
    const at = clock.currentTimeMillisUnsafe()
    for (const watcher of deciders) watcher({ at, decision })
  }

  /** What a leaf tells, for the core; undefined if the core need not know. */
  const translate = (event: LeafEvent): Event | undefined => {
    const { path, incarnation } = event
    switch (event._tag) {
      case "Ready":
        return { _tag: "Ready", path, incarnation }
      case "NotStarted":
        return { _tag: "Exited", path, incarnation, exit: { _tag: "NotStarted", errno: event.errno, message: event.message } }
      case "Exited":
        pids.delete(path)
        blocked.delete(path)
        return { _tag: "Exited", path, incarnation, exit: exitOf(event), ...pressureOn(path) }
      case "Spawned": {
        pids.set(path, event.pid)
        const { n: _, ...told } = event
        tell(told)
        return { _tag: "Spawned", path, incarnation }
      }
      case "Blocked":
        blocked.set(path, event.pids)
    }
    const { n: _, ...happening } = event
    tell(happening)
    return undefined
  }

  /** Only where it makes a difference: it is read from /proc. */
  const pressureOn = (path: string): { readonly pressure?: number } => {
    if (find(state, path)?.child.spec.backoff.type !== "adaptive") return {}
    const { cpu = 0, memory = 0 } = pressure()
    return { pressure: Math.max(cpu, memory) / 100 }
  }

  const perform = (action: Exclude<Action, { _tag: "News" }>): void => {
    switch (action._tag) {
      case "Spawn": {
        const { path, incarnation, spec, argv } = action
        const command = [...spec.start, ...argv] as unknown as typeof spec.start
        const { env, stopSignal, shutdown, heartbeat } = spec
        const beats = heartbeat?.from.type === "fd" ? { beatMs: heartbeat.every } : {}
        const where = { cwd: resolve(folder, spec.cwd), env }
        return spawner.spawn({ path, incarnation, argv: command, ...where, ready: signOf(spec.ready), ...beats, stopSignal, shutdown })
      }
      case "Stop":
        return spawner.stop(action, action.how)
      case "Wake":
        return timers.add(action.at, { _tag: "Wake", path: action.path, incarnation: action.incarnation, purpose: action.purpose })
      case "Reply": {
        const asker = waiting.get(action.ticket)
        waiting.delete(action.ticket)
        if (asker !== undefined) Deferred.doneUnsafe(asker, Effect.succeed(action.answer))
        return
      }
      case "Finish":
        Deferred.doneUnsafe(ended, Effect.succeed({ booted: action.booted, exit: action.exit }))
    }
  }

  /** Folds the batch, then acts on it, then lets go of what the leaves had told. News is told in the fold, in order with the output. */
  const digest = (batch: ReadonlyArray<Event | LeafEvent>): void => {
    const todo: Array<Exclude<Action, { _tag: "News" }>> = []
    let last = 0
    for (const item of batch) {
      const event = "n" in item ? translate(item) : item
      if ("n" in item) last = item.n
      if (event === undefined) continue
      const actions = step(state, event, now())
      onJournalEntry?.({ at: state.now, event, actions })
      for (const action of actions) {
        if (action._tag === "News") tell(action.news)
        else if (action._tag === "Decide") decided(action.decision)
        else todo.push(action)
      }
    }
    for (const action of todo) perform(action)
    if (last > 0) spawner.acknowledge(last)
  }

  const close = (): void => {
    closed = true
    timers.clear()
    for (const asker of waiting.values()) Deferred.doneUnsafe(asker, Effect.succeed(nobody))
    waiting.clear()
  }

  /** The fold itself has failed. All is killed, nothing is left of the tree, and whoever waits or watches hears of it. */
  const die = (cause: Cause.Cause<never>): void => {
    spawner.killAll()
    Deferred.doneUnsafe(ended, Effect.failCause(cause))
    if (closed) return
    close()
    state.supervisors.clear()
    const { rootPath: path, record } = state
    const event = stamped({ _tag: "Ended", path, incarnation: record.incarnation, exit: { _tag: "Killed" } })
    for (const watcher of watchers) {
      try {
        watcher(event)
      } catch {
        // It may be this watcher that has failed us. The others hear the end all the same, and `ended` tells the cause.
      }
    }
  }

  spawner.attach(send)
  yield* Queue.takeAll(inbox).pipe(
    Effect.map(digest),
    Effect.forever,
    Effect.onError((cause) => Effect.sync(() => die(cause))),
    Effect.forkScoped
  )
  yield* stayAwake
  yield* Effect.addFinalizer(() => Effect.sync(close))

  return {
    state,
    now,
    pids,
    blocked,
    send,
    call: (path, request) =>
      Effect.suspend(() => {
        if (closed) return Effect.succeed(nobody)
        const asker = Deferred.makeUnsafe<Answer>()
        const ticket = ++tickets
        waiting.set(ticket, asker)
        send({ _tag: "Call", path, ticket, request })
        return Deferred.await(asker)
      }),
    watch: (watcher) => {
      watchers.add(watcher)
      return () => void watchers.delete(watcher)
    },
    onDecision: (watcher) => void deciders.add(watcher),
    ended: Deferred.await(ended)
  }
})

/** A tree may be up without any process or timer, and stays up; Node would end when there is nothing to wait for. */
const stayAwake = Effect.acquireRelease(
  Effect.sync(() => setInterval(() => {}, LONGEST_TIMER_MS)),
  (timer) => Effect.sync(() => clearInterval(timer))
)

const exitOf = ({ code, signal }: ProcessEnd): Exit => (signal === undefined ? { _tag: "Code", code } : { _tag: "Signal", signal })

/** What the spawner can see of it. The core looks at the exit itself, and a probe is asked by others. */
const signOf = (ready: Ready): Sign => (ready.type === "spawned" || ready.type === "line" || ready.type === "fd" ? ready : { type: "none" })
