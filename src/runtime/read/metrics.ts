/** What a tree counts, as metrics of Effect: they leave the program by whatever exporter it has. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import type { Exit } from "../../core/Exit.ts"
import { isWithin, parentOf } from "../../core/Path.ts"
import type { Phase } from "../../core/State.ts"
import type { Kernel } from "../kernel/Kernel.ts"
import type { TreeEvent } from "./TreeEvent.ts"

const counter = (name: string, description: string): Metric.Counter<number> => Metric.counter(name, { description, incremental: true })
const starts = counter("supervise_starts_total", "Children that became ready.")
const exits = counter("supervise_exits_total", "Children that ended by themselves.")
const restarts = counter("supervise_restarts_total", "Restarts that counted against a limit.")
const failures = counter("supervise_failures_total", "Children that were restarted too often, and were left alone for a while.")
const convictions = counter("supervise_convictions_total", "Children that were stopped because they hung or were unhealthy.")
const escalations = counter("supervise_escalations_total", "Supervisors that failed to the one above.")
const startMs = Metric.histogram("supervise_start_milliseconds", {
  description: "From the start of a child until it was ready.",
  boundaries: [1, 10, 100, 1_000, 10_000, 60_000]
})
const bySupervisor = [starts, exits, restarts, failures, convictions, escalations, startMs]
const children = Metric.gauge("supervise_children", { description: "Children by their phase." })

const phases: ReadonlyArray<Phase> = ["down", "backoff", "pending", "restarting", "starting", "up", "stopping", "failed"]

/**
 * Counts until the scope closes. The attribute is `supervisor`, the path of the one above the child, or of the one that
 * escalates; the gauge has `tree` and `phase`. What is counted of a removed supervisor is removed with it.
 */
export const metrics = Effect.fnUntraced(function* (kernel: Kernel): Effect.fn.Return<void, never, Scope.Scope> {
  const context = yield* Effect.context<never>()
  const given = Context.get(context, Metric.CurrentMetricAttributes)
  const having = (attributes: Record<string, string>) => Context.add(context, Metric.CurrentMetricAttributes, { ...given, ...attributes })
  const known = new Map<string, Context.Context<never>>()
  const at = (supervisor: string): Context.Context<never> => {
    const one = known.get(supervisor) ?? having({ supervisor })
    known.set(supervisor, one)
    return one
  }
  const { state } = kernel
  const registered = phases.map((phase) =>
    Metric.registerUnsafe(children, having({ tree: state.rootPath, phase }), {
      get: () => ({ value: Array.from(state.children.values()).filter((child) => child.phase === phase).length }),
      update: () => {},
      modify: () => {}
    })
  )
  const forget = (gone: string): void => {
    for (const [path, one] of known) {
      if (!isWithin(path, gone)) continue
      for (const metric of bySupervisor) Metric.removeUnsafe<never, unknown>(metric, one)
      known.delete(path)
    }
  }
  const stop = kernel.observe({
    told: (event) => {
      if (event._tag === "Removed") forget(event.path)
      else tell(event, at)
    }
  })
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      stop()
      for (const gauge of registered) gauge.remove()
    })
  )
})

function tell(event: TreeEvent, at: (supervisor: string) => Context.Context<never>): void {
  const above = at(parentOf(event.path) || event.path)
  switch (event._tag) {
    case "Started":
      starts.updateUnsafe(1, above)
      return startMs.updateUnsafe(event.tookMs, above)
    case "Exited":
      return exits.updateUnsafe(1, above)
    case "RestartCounted":
      return restarts.updateUnsafe(1, at(parentOf(event.culprit)))
    case "Failed":
      return failures.updateUnsafe(1, above)
    case "Convicted":
      return convictions.updateUnsafe(1, above)
    case "Ending":
      if (isEscalation(event.exit)) escalations.updateUnsafe(1, at(event.path))
  }
}

const isEscalation = ({ _tag }: Exit): boolean =>
  _tag === "GaveUp" || _tag === "BootFailed" || _tag === "CommonSilence" || _tag === "AllFailed"
