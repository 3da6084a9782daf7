/**
 * The one place where a live tree changes. All events of the tree go through one queue, so they have one order, and the
 * core's state is a function of it. All that is in the queue at a time is one batch:
 *
 *   fold         each event through the core, which says what to do about it
 *   commit       the batch, before anything of it is visible
 *   act          start and stop leaves, set timers: before observers are called, as a child that is down comes first
 *   tell         call the observers with what happened, in order; then answer the calls
 *   acknowledge  the leaves' events: the spawner need not keep them any longer
 *
 * Lines of output go through the queue, too, so a line never comes after the exit of its process; but the core does not
 * see them.
 *
 * The queue has no limit of its own. The spawner keeps each event until it is acknowledged, and limits what it keeps;
 * beside these there is at most one event for each call that is not answered yet, and one for each timer.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Action } from "../../core/Action.ts"
import type { Answer, Event, Request } from "../../core/Event.ts"
import type { JournalEntry } from "../../core/Journal.ts"
import { logsAt } from "../../core/Logs.ts"
import { abandon, make, step } from "../../core/Machine.ts"
import type { ReadonlyTree } from "../../core/State.ts"
import type { EventLoopLag } from "../../leaf/EventLoopLag.ts"
import type { Clock } from "../../leaf/os/Clock.ts"
import { pressure } from "../../leaf/os/pressure.ts"
import { LONGEST_TIMER_MS } from "../../leaf/os/timer.ts"
import type { LeafEvent, Spawner } from "../../leaf/Spawner.ts"
import { take } from "../../leaf/take.ts"
import type { Tree, Worker } from "../../tree/Spec.ts"
import type { Decided, Ending, TreeEvent, TreeEventBody } from "../read/TreeEvent.ts"
import { logFilesOf, makeSpawnCommands } from "./spawnCommand.ts"
import { makeTimers, type Wait } from "./Timers.ts"
import { isFolded, reported, translate } from "./translate.ts"

/** Observers are called in order. They must be quick; one that throws breaks the kernel. */
export interface Observer {
  /** Every event that the core folded, and the actions it led to. */
  readonly folded?: ((entry: JournalEntry) => void) | undefined
  readonly decided?: (decided: Decided) => void
  readonly told?: (event: TreeEvent) => void
  /** Of lines of output it is told, too. While no observer wants them, only some come. */
  readonly wantsOutput?: boolean
}

interface KernelOptions {
  readonly spawner: Spawner
  readonly clock: Clock
  /** The base of the workers' relative folders. */
  readonly folder: string
  /** What all processes of the tree have in their environment. Default: nothing more. */
  readonly stamp?: Worker["env"]
  /** The folder of a worker's log, in a folder that is there. Without it there are no logs. */
  readonly logFolder?: ((path: string) => string) | undefined
  /** All jitter comes from it. */
  readonly seed: number
  /** Knows when our event loop stalled. Without it no start timeout is extended for that. */
  readonly lag?: Pick<EventLoopLag, "overlap">
  /** Called with each batch before anything of it is visible. */
  readonly commit?: (batch: ReadonlyArray<JournalEntry>) => void
}

export interface Kernel {
  readonly state: ReadonlyTree
  /** Milliseconds of the tree's clock, which starts at 0 and never goes back. */
  readonly now: () => number
  readonly send: (event: Event) => void
  readonly call: (path: string, request: Request) => Effect.Effect<Answer>
  /** Call the answer to stop. */
  readonly observe: (observer: Observer) => () => void
  /** Done when the root has ended and nothing runs. Dies if the kernel is broken; then everything has been killed. */
  readonly ended: Effect.Effect<Ending>
}

/** A leaf's event, with the pressure on the machine where it matters. */
type Heard = LeafEvent & { readonly pressure?: number }

/** What a batch leads to, in order. */
type Outcome = JournalEntry | { readonly reported: TreeEventBody }

export const makeKernel = Effect.fnUntraced(function* (
  tree: Tree,
  { spawner, clock, folder, stamp = {}, logFolder, seed, lag, commit = () => {} }: KernelOptions
): Effect.fn.Return<Kernel, never, Scope.Scope> {
  const ended = yield* Deferred.make<Ending>()
  const begin = clock.now()
  const now = (): number => Math.floor(clock.now() - begin)
  const state = make(tree, seed)
  const callers = new Map<number, Deferred.Deferred<Answer>>()
  const observers = new Set<Observer>()
  const timers = makeTimers<Event>(clock, now, (wait) => send(woken(wait)))
  const logOf = (path: string) => {
    const logs = logFolder !== undefined && logsAt(state, path)
    return logs === false ? undefined : logFilesOf(logFolder!(path), logs)
  }
  const spawnCommandOf = makeSpawnCommands(folder, stamp, logOf)
  let inbox: Array<Event | Heard> = []
  let seq = 0
  let tickets = 0
  /** From then on nothing is folded, and every call is answered at once. */
  let closed = false

  const send = (event: Event | Heard): void => {
    if (!closed && inbox.push(event) === 1) clock.turned(drain)
  }

  /** All that a fold depends on is in the event: the pressure is read when the exit is heard, not when it is folded. */
  const hear = (event: LeafEvent): void => {
    const isPaced = event._tag === "Exited" && state.children.get(event.path)?.spec.backoff.type === "adaptive"
    send(isPaced ? { ...event, pressure: pressure() } : event)
  }

  const drain = (): void => {
    const batch = inbox
    inbox = []
    if (closed) return
    try {
      digest(batch)
    } catch (cause) {
      die(cause)
    }
  }

  const digest = (batch: ReadonlyArray<Event | Heard>): void => {
    const outcomes: Array<Outcome> = []
    let last = 0
    for (const item of batch) {
      if ("n" in item) last = item.n
      if ("n" in item && !isFolded(item)) outcomes.push({ reported: reported(item) })
      else outcomes.push("n" in item ? fold(translate(item, item.pressure), Math.floor(item.at - begin)) : fold(item, now()))
    }
    const entries = outcomes.filter((outcome): outcome is JournalEntry => "event" in outcome)
    commit(entries)
    for (const { actions } of entries) for (const action of actions) act(action)
    // Processes start while observers are told, and not after it.
    spawner.flush?.()
    for (const outcome of outcomes) tellOutcome(outcome)
    for (const { actions } of entries) for (const action of actions) answer(action)
    if (last > 0) spawner.acknowledge(last)
  }

  const fold = (event: Event, at: number): JournalEntry => {
    const actions = step(state, event, at)
    return { at: state.now, event, actions }
  }

  const tellOutcome = (outcome: Outcome): void => {
    if ("reported" in outcome) return tell(outcome.reported)
    for (const observer of observers) observer.folded?.(outcome)
    for (const action of outcome.actions) {
      if (action._tag === "News") tell(action.news)
      if (action._tag === "Decide") for (const observer of observers) observer.decided?.({ at: clock.wall(), decision: action.decision })
    }
  }

  const stamped = (body: TreeEventBody): TreeEvent => ({ ...body, seq: ++seq, at: clock.wall() })
  const tell = (body: TreeEventBody): void => {
    const event = stamped(body)
    for (const observer of observers) observer.told?.(event)
  }

  const wantOutput = (): void => spawner.wantOutput([...observers].some(({ wantsOutput }) => wantsOutput === true))

  const act = (action: Action): void => {
    switch (action._tag) {
      case "Spawn":
        return spawner.spawn(spawnCommandOf(action))
      case "Stop":
        return spawner.stop(action, action.how)
      case "Wake":
        return timers.add(action.at, { _tag: "Wake", path: action.path, incarnation: action.incarnation, purpose: action.purpose })
    }
  }

  const answer = (action: Action): void => {
    if (action._tag === "Finish") Deferred.doneUnsafe(ended, Effect.succeed({ booted: action.booted, exit: action.exit }))
    if (action._tag !== "Reply") return
    const caller = take(callers, action.ticket)
    if (caller !== undefined) Deferred.doneUnsafe(caller, Effect.succeed(action.answer))
  }

  /** How long we did not run while a worker was starting is part of the event; the core decides what follows. */
  const woken = ({ item, since, at }: Wait<Event>): Event => {
    if (item._tag !== "Wake" || item.purpose !== "startTimeout") return item
    const missedMs = Math.round(lag?.overlap(since + begin, at + begin) ?? 0)
    return missedMs > 0 ? { ...item, missedMs } : item
  }

  const nothingRuns: Answer = { _tag: "Refused", why: { _tag: "NotRunning", path: state.rootPath } }
  const close = (): void => {
    closed = true
    timers.clear()
    for (const caller of callers.values()) Deferred.doneUnsafe(caller, Effect.succeed(nothingRuns))
  }

  /** The kernel is broken: everything is killed, calls are answered, and observers see the end. */
  const die = (cause: unknown): void => {
    spawner.killAll()
    Deferred.doneUnsafe(ended, Effect.die(cause))
    close()
    const event = stamped({ _tag: "Ended", ...abandon(state), exit: { _tag: "Killed" } })
    for (const observer of observers) {
      try {
        observer.told?.(event)
      } catch {
        // Perhaps the observer that broke the kernel. The others see the end all the same; `ended` has the cause.
      }
    }
  }

  spawner.attach(hear)
  yield* stayAwake
  yield* Effect.addFinalizer(() => Effect.sync(close))

  return {
    state,
    now,
    send,
    call: (path, request) =>
      Effect.suspend(() => {
        if (closed) return Effect.succeed(nothingRuns)
        const caller = Deferred.makeUnsafe<Answer>()
        const ticket = ++tickets
        callers.set(ticket, caller)
        send({ _tag: "Call", path, ticket, request })
        return Deferred.await(caller)
      }),
    observe: (observer) => {
      observers.add(observer)
      wantOutput()
      return () => {
        observers.delete(observer)
        wantOutput()
      }
    },
    ended: Deferred.await(ended)
  }
})

/** A tree may stay up without any process or timer, but Node exits when there is nothing to wait for. */
const stayAwake = Effect.acquireRelease(
  Effect.sync(() => setInterval(() => {}, LONGEST_TIMER_MS)),
  (timer) => Effect.sync(() => clearInterval(timer))
)
