/** The schemas of `ready`, `health` and `heartbeat`. */
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { HEARTBEAT, hangAfterOf, PROBE } from "../defaults.ts"
import type * as Probe from "../Probe.ts"
import { expectation, type Synonyms, synonym } from "../problems/expectation.ts"
import type * as Spec from "../Spec.ts"
import type { Duration } from "../Units.ts"
import { beatSources, checksWith } from "./checks.ts"
import { longerThanZero, Millis, whole, withDefault, words } from "./fields.ts"
import { asCommand, Pattern } from "./workerFields.ts"

// ---------------------------------------------------------------- probes

const threshold = whole(1, 1000)
const timetable = (interval: number, usual: Duration) => ({
  interval: longerThanZero(usual).pipe(withDefault(interval)),
  initialDelay: Millis.pipe(withDefault(PROBE.initialDelay)),
  successThreshold: threshold.pipe(withDefault(PROBE.successThreshold)),
  failureThreshold: threshold.pipe(withDefault(PROBE.failureThreshold))
})
const onFailure = words(["restart", "report"], {
  liveness: "restart",
  kill: "restart",
  readiness: "report",
  none: "report",
  ignore: "report"
})

/** The probe that was meant by an address, a port or a command. */
const probeMeant = (found: unknown): string | undefined => {
  if (typeof found === "number") return Number.isInteger(found) && found > 0 && found <= 65_535 ? `tcp(${found})` : undefined
  if (typeof found !== "string") return undefined
  if (/^https?:\/\//.test(found)) return `http(${JSON.stringify(found)})`
  if (/^postgres(ql)?:\/\//.test(found)) return `sql(${JSON.stringify(found)})`
  if (/^(\.{0,2}\/|unix:)\S*\.sock(et)?$/.test(found)) return `unix(${JSON.stringify(found.replace(/^unix:/, ""))})`
  const command = /[\s/]/.test(found.trim()) ? asCommand(found) : undefined
  return command === undefined ? undefined : `exec(${command})`
}

const aProbe = 'a probe such as http("http://localhost:3000/health")'
const HealthProbe: Schema.Codec<Probe.Probe, Probe.ProbeSpec> = Schema.Union(
  checksWith({ ...timetable(10_000, "10 seconds"), onFailure: onFailure.pipe(withDefault<Probe.OnFailure>("restart")) })
).annotate({ identifier: "Probe", ...expectation(aProbe, probeMeant) })

/** A single probe becomes a list of one. */
export const Health: Schema.Codec<ReadonlyArray<Probe.Probe>, Probe.ProbeSpec | ReadonlyArray<Probe.ProbeSpec>> = Schema.Union([
  HealthProbe,
  Schema.Array(HealthProbe)
])
  .annotate(expectation(`${aProbe}, or a list of probes`, probeMeant))
  .pipe(
    Schema.decodeTo(Schema.toType(Schema.Array(HealthProbe)), {
      decode: SchemaGetter.transform((health) => ("type" in health ? [health] : health)),
      encode: SchemaGetter.transform((probes: ReadonlyArray<Probe.Probe>) => probes)
    })
  )

// ---------------------------------------------------------------- ready

/** A shorthand, such as `"spawned"`, for `{ type: "spawned" }`. */
const shorthand = <W extends "spawned" | "exited" | "fd" | "notify">(word: W) =>
  Schema.Literal(word).pipe(
    Schema.decodeTo(Schema.Struct({ type: Schema.Literal(word) }), {
      decode: SchemaGetter.transform(() => ({ type: word })),
      encode: SchemaGetter.transform(() => word)
    })
  )

const Line = Schema.Struct({ type: Schema.Literal("line"), pattern: Pattern })
const Fd = Schema.Struct({ type: Schema.Literal("fd"), fd: whole(3, 255, "a descriptor").pipe(withDefault(3)) })
const Notify = Schema.Struct({ type: Schema.Literal("notify") })

const readySynonyms: Synonyms = {
  started: '"spawned"',
  running: '"spawned"',
  none: '"spawned"',
  completed: '"exited"',
  succeeded: '"exited"',
  exit: '"exited"',
  fd: "fd()",
  notify: "notify()",
  sd_notify: "notify()",
  line: 'line("listening")'
}

export const Ready: Schema.Codec<Spec.Ready, Spec.ReadySpec> = Schema.Union([
  shorthand("spawned"),
  shorthand("exited"),
  Line,
  Fd,
  Notify,
  ...checksWith(timetable(500, "500 millis"))
]).annotate(
  expectation(
    `"spawned", "exited", line("a pattern"), fd(), notify() or ${aProbe}`,
    (found) => synonym(readySynonyms, found) ?? probeMeant(found)
  )
)

// ---------------------------------------------------------------- heartbeat

const phi = Schema.Finite.check(Schema.isBetween({ minimum: 0.1, maximum: 300 }, expectation("a phi from 0.1 to 300")))

const beatSynonyms: Synonyms = { pipe: '"fd"', sd_notify: '"notify"', watchdog: '"notify"' }

const From: Schema.Codec<Probe.HeartbeatSource, Probe.HeartbeatSourceSpec> = Schema.Union([
  shorthand("fd"),
  shorthand("notify"),
  Line,
  ...beatSources
]).annotate(
  expectation(
    '"fd", "notify", line("a pattern"), file("a path"), or a check such as http("http://localhost:3000/health")',
    (found) => synonym(beatSynonyms, found) ?? probeMeant(found)
  )
)

const heartbeat = {
  every: longerThanZero("1 second"),
  from: From.pipe(withDefault<Probe.HeartbeatSource>({ type: "fd" })),
  model: words(["hybrid", "normal", "exponential"]).pipe(withDefault<Probe.HeartbeatModel>(HEARTBEAT.model)),
  suspect: phi.pipe(withDefault(HEARTBEAT.suspect)),
  convict: phi.pipe(withDefault(HEARTBEAT.convict)),
  grace: Millis.pipe(withDefault(HEARTBEAT.grace))
}
const HangAfter = longerThanZero("30 seconds")

export const Heartbeat: Schema.Codec<Probe.Heartbeat, Probe.HeartbeatSpec> = Schema.Struct({
  ...heartbeat,
  hangAfter: Schema.optionalKey(HangAfter),
  startupGrace: Schema.optionalKey(Millis)
})
  .annotate(
    expectation('a heartbeat such as { every: "1 second" }', (found) =>
      typeof found === "string" ? `{ every: ${JSON.stringify(found)} }` : undefined
    )
  )
  .pipe(
    Schema.decodeTo(Schema.toType(Schema.Struct({ ...heartbeat, hangAfter: HangAfter, startupGrace: Millis })), {
      decode: SchemaGetter.transform((spec) => {
        const hangAfter = spec.hangAfter ?? hangAfterOf(spec.every)
        return { ...spec, hangAfter, startupGrace: spec.startupGrace ?? hangAfter }
      }),
      encode: SchemaGetter.passthrough()
    })
  )
