/**
 * The schema of a tree: encoded, what a person writes (`…Spec`); decoded, the same with every field filled in and
 * durations in milliseconds. It is the only source of keys, words, ranges and defaults; errors, the JSON Schema and the
 * documentation of fields are derived from it. Rules between nodes are in `rules.ts`.
 */
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import type * as Pacing from "../Pacing.ts"
import type { Probe } from "../Probe.ts"
import { expectation } from "../problems/expectation.ts"
import type * as Spec from "../Spec.ts"
import { Backoff, defaultBackoff } from "./backoff.ts"
import {
  Id,
  longerThanZero,
  Needs,
  Period,
  RestartType,
  Shutdown,
  StartTimeout,
  Stdin,
  StopSignal,
  StopTo,
  whole,
  withDefault,
  words
} from "./fields.ts"
import { Logs } from "./logs.ts"
import { Breaker, StartGate } from "./pacing.ts"
import { Health, Heartbeat, Ready } from "./probes.ts"
import { Env, Folder, Start, SuccessCodes } from "./workerFields.ts"

/** More instances are beyond one machine, and beyond what was measured. */
const MAX_POOL = 100_000
/** The default `max` of a pool. */
export const DEFAULT_MAX = 10_000

const child = {
  id: Id,
  restart: RestartType.pipe(withDefault<Spec.Restart>("permanent")),
  significant: Schema.Boolean.annotate(
    expectation("true or false", (found) => (/^(true|false)$/.test(String(found)) ? String(found) : undefined))
  ).pipe(withDefault(false)),
  backoff: Backoff.pipe(withDefault<Pacing.Backoff>(defaultBackoff)),
  needs: Needs.pipe(withDefault<ReadonlyArray<string>>([])),
  logs: Schema.optionalKey(Logs)
}

// ---------------------------------------------------------------- worker

const worker = {
  type: Schema.Literal("worker"),
  ...child,
  shutdown: Shutdown.pipe(withDefault<Spec.Shutdown>(5000)),
  start: Start,
  cwd: Folder.pipe(withDefault(".")),
  env: Env.pipe(withDefault<Spec.Worker["env"]>({})),
  stopSignal: StopSignal.pipe(withDefault<Spec.Signal>("SIGTERM")),
  stopTo: StopTo.pipe(withDefault<Spec.StopTo>("group")),
  successCodes: SuccessCodes.pipe(withDefault<Spec.Worker["successCodes"]>([0])),
  stdin: Stdin.pipe(withDefault<Spec.Stdin>("null")),
  ready: Ready.pipe(withDefault<Spec.Ready>({ type: "spawned" })),
  health: Health.pipe(withDefault<ReadonlyArray<Probe>>([])),
  heartbeat: Schema.optionalKey(Heartbeat)
}

/** There is a time limit only if readiness is reported: a job may run for hours before it exits. */
const defaultStartTimeout = (ready: Spec.Ready) => (ready.type === "spawned" || ready.type === "exited" ? "infinity" : 30_000)

export const Worker: Schema.Codec<Spec.Worker, Spec.WorkerSpec> = Schema.Struct({
  ...worker,
  startTimeout: Schema.optionalKey(StartTimeout)
})
  .annotate({ identifier: "Worker" })
  .pipe(
    Schema.decodeTo(Schema.toType(Schema.Struct({ ...worker, startTimeout: StartTimeout })), {
      decode: SchemaGetter.transform((spec) => ({ ...spec, startTimeout: spec.startTimeout ?? defaultStartTimeout(spec.ready) })),
      encode: SchemaGetter.passthrough()
    })
  )

// ---------------------------------------------------------------- supervisor and pool

const limits = {
  ...child,
  shutdown: Shutdown.pipe(withDefault<Spec.Shutdown>("infinity")),
  period: Period.pipe(withDefault(30_000)),
  retryAfter: longerThanZero("1 minute").pipe(withDefault(60_000)),
  boot: words(["strict", "retry"]).pipe(withDefault<Spec.Boot>("strict")),
  breaker: Schema.optionalKey(Breaker),
  startGate: Schema.optionalKey(StartGate)
}

const DEFAULT_INTENSITY = 5
/** As many as a tree may have children. */
const MAX_BOOT_CONCURRENCY = 100_000
const intensity = whole(0, "any")
const onIntensity = words(["escalate", "failChild"], { fail: "failChild", give_up: "escalate", giveup: "escalate" })

/** The default of `onIntensity` depends on where a node is. */
type Level = "root" | "below"
export const defaultOnIntensity = (level: Level, strategy: Spec.Strategy): Spec.OnIntensity =>
  level === "root" && strategy === "OneForOne" ? "failChild" : "escalate"

const supervisor = {
  type: Schema.Literal("supervisor"),
  ...limits,
  intensity: intensity.pipe(withDefault(DEFAULT_INTENSITY)),
  strategy: words(["OneForOne", "OneForAll", "RestForOne"], { simple_one_for_one: "OneForOne" }).pipe(
    withDefault<Spec.Strategy>("OneForOne")
  ),
  autoShutdown: words(["never", "anySignificant", "allSignificant"], { any: "anySignificant", all: "allSignificant", false: "never" }).pipe(
    withDefault<Spec.AutoShutdown>("never")
  ),
  bootConcurrency: whole(1, MAX_BOOT_CONCURRENCY).pipe(withDefault(1)),
  children: Schema.Array(Schema.suspend((): Schema.Codec<Spec.Child, Spec.ChildSpec> => Child)).annotate(
    expectation("a list of children, such as [worker({ ... })]")
  )
}

const supervisorAt = (level: Level, identifier: string): Schema.Codec<Spec.Supervisor, Spec.SupervisorSpec> =>
  Schema.Struct({ ...supervisor, onIntensity: Schema.optionalKey(onIntensity) })
    .annotate({ identifier })
    .pipe(
      Schema.decodeTo(Schema.toType(Schema.Struct({ ...supervisor, onIntensity })), {
        decode: SchemaGetter.transform((spec) => ({ ...spec, onIntensity: spec.onIntensity ?? defaultOnIntensity(level, spec.strategy) })),
        encode: SchemaGetter.passthrough()
      })
    )

export const Supervisor = supervisorAt("below", "Supervisor")

const pool = {
  type: Schema.Literal("pool"),
  ...limits,
  size: whole(0, MAX_POOL),
  max: whole(0, MAX_POOL).pipe(withDefault(DEFAULT_MAX)),
  child: Schema.suspend((): Schema.Codec<Spec.Child, Spec.ChildSpec> => Child)
}

/** The limit of a pool grows with it; that of a single child, where restarts are counted per child, does not. */
export const withLimits = <S extends { readonly size: number; readonly onIntensity: Spec.OnIntensity; readonly intensity?: number }>(
  spec: S
): S & { readonly intensity: number } => ({
  ...spec,
  intensity: spec.intensity ?? (spec.onIntensity === "failChild" ? DEFAULT_INTENSITY : Math.max(DEFAULT_INTENSITY, 2 * spec.size))
})

const poolAt = (level: Level, identifier: string): Schema.Codec<Spec.Pool, Spec.PoolSpec> =>
  Schema.Struct({ ...pool, intensity: Schema.optionalKey(intensity), onIntensity: Schema.optionalKey(onIntensity) })
    .annotate({ identifier })
    .pipe(
      Schema.decodeTo(Schema.toType(Schema.Struct({ ...pool, intensity, onIntensity })), {
        decode: SchemaGetter.transform((spec) =>
          withLimits({ ...spec, onIntensity: spec.onIntensity ?? defaultOnIntensity(level, "OneForOne") })
        ),
        encode: SchemaGetter.passthrough()
      })
    )

export const Pool = poolAt("below", "Pool")

const node = expectation("a supervisor, a worker or a pool")

/** Any node of a tree. */
export const Child: Schema.Codec<Spec.Child, Spec.ChildSpec> = Schema.Union([Worker, Supervisor, Pool]).annotate({
  identifier: "Child",
  ...node
})

/** The root of a tree. */
export const Tree: Schema.Codec<Spec.Tree, Spec.TreeSpec> = Schema.Union([
  supervisorAt("root", "RootSupervisor"),
  poolAt("root", "RootPool")
]).annotate(expectation("a supervisor or a pool"))
