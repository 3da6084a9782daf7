/** The schemas of fields that several kinds of nodes have: durations, ids, words, numbers. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { durationPattern, longestDuration, parseDuration, printDuration } from "../duration.ts"
import { choice, expectation, type Synonyms, synonym } from "../problems/expectation.ts"
import { idPattern } from "../problems/problem.ts"
import type { Restart, Signal } from "../Spec.ts"
import type { Duration } from "../Units.ts"

/** A key that may be left out when writing, and is always there after decoding. */
export const withDefault =
  <T>(value: T) =>
  <S extends Schema.Top & { readonly Type: NoInfer<T> }>(schema: S) =>
    schema.pipe(Schema.withDecodingDefaultTypeKey<S>(Effect.succeed(value as S["Type"])))

/** A choice of fixed words, with suggestions. */
export const words = <const W extends ReadonlyArray<string>>(list: W, synonyms?: { readonly [word: string]: W[number] }) =>
  Schema.Literals(list).annotate(choice(list, synonyms))

// ---------------------------------------------------------------- durations

const durationExpected = (found: unknown): string => {
  const millis = typeof found === "string" ? parseDuration(found) : undefined
  return millis !== undefined && millis >= longestDuration ? "a duration shorter than ten years" : 'a duration such as "5 seconds"'
}

/** Bad spacing and spelling is corrected. */
const durationMeant = (found: unknown): string | undefined => {
  if (typeof found === "number") return numberMeant(found)
  const [, count, name] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\.?\s*$/i.exec(String(found)) ?? []
  const unit = name?.toLowerCase().replace(/s$/, "")
  const known = unit === "msec" ? "milli" : ["milli", "second", "minute", "hour", "day"].find((word) => unit && word.startsWith(unit))
  const millis = known === undefined ? undefined : parseDuration(`${count} ${known}`)
  return millis === undefined || millis >= longestDuration ? undefined : JSON.stringify(printDuration(millis))
}

/**
 * A bare number is whole seconds in milliseconds, as usual in JavaScript, or else probably seconds, as usual in the
 * files of other supervisors.
 */
const numberMeant = (found: number): string | undefined => {
  const seconds = found % 1000 === 0 ? [] : [printDuration(Math.round(found * 1000))]
  const readings = Number.isInteger(found) ? [...seconds, printDuration(found)] : seconds
  const possible = readings.filter((text) => found >= 0 && parseDuration(text)! < longestDuration)
  return possible.length === 0 ? undefined : possible.map((text) => JSON.stringify(text)).join(" or ")
}

const durationHint = expectation(durationExpected, durationMeant)

const DurationText = Schema.String.check(
  Schema.isPattern(durationPattern, durationHint),
  Schema.makeFilter((text) => (parseDuration(text) ?? 0) < longestDuration, durationHint)
).annotate({ description: 'A duration: "5 seconds", "250 millis", "5s", "250ms"' }) as Schema.Codec<Duration>

/** A duration: text when written, milliseconds when decoded. */
export const Millis: Schema.Codec<number, Duration> = DurationText.pipe(
  Schema.decodeTo(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: longestDuration - 1 })), {
    decode: SchemaGetter.transform((text: Duration) => parseDuration(text) ?? 0),
    encode: SchemaGetter.transform(printDuration)
  })
)

/** A duration that must not be zero; `usual` is suggested instead of zero. */
export const longerThanZero = (usual: Duration): Schema.Codec<number, Duration> =>
  Millis.check(
    Schema.isGreaterThan(
      0,
      expectation(
        (found) => (found === undefined ? `a duration such as ${JSON.stringify(usual)}` : "a duration longer than zero"),
        () => JSON.stringify(usual)
      )
    )
  )

/** A period of zero would never contain two restarts. */
export const Period = longerThanZero("30 seconds")

export const Shutdown = Schema.Union([Millis, Schema.Literals(["brutalKill", "infinity"])]).annotate(
  expectation(
    (found) => `${durationExpected(found)}, "brutalKill" or "infinity"`,
    (found) => synonym(stopWords, found) ?? durationMeant(found)
  )
)
const stopWords: Synonyms = {
  brutal_kill: '"brutalKill"',
  brutalkill: '"brutalKill"',
  kill: '"brutalKill"',
  infinity: '"infinity"',
  never: '"infinity"',
  forever: '"infinity"'
}

export const StartTimeout = Schema.Union([Millis, Schema.Literal("infinity")]).annotate(
  expectation(
    (found) => `${durationExpected(found)} or "infinity"`,
    (found) => (/^(infinity|never|forever|none)$/i.test(String(found)) ? '"infinity"' : durationMeant(found))
  )
)

// ---------------------------------------------------------------- words and numbers

export const Id = Schema.String.check(
  Schema.isPattern(
    idPattern,
    expectation("an id: a letter, then letters, digits, _ and -", (found) => {
      const repaired = String(found).replace(/[^A-Za-z0-9_-]+/g, "-")
      return typeof found === "string" && idPattern.test(repaired) ? JSON.stringify(repaired) : undefined
    })
  )
)

export const Needs = Schema.Array(Id).annotate(
  expectation('a list of ids, such as ["db"]', (found) =>
    typeof found === "string" && idPattern.test(found) ? `[${JSON.stringify(found)}]` : undefined
  )
)

export const restarts = ["permanent", "transient", "temporary"] as const satisfies ReadonlyArray<Restart>
export const RestartType = words(restarts, {
  always: "permanent",
  "unless-stopped": "permanent",
  true: "permanent",
  "on-failure": "transient",
  on_failure: "transient",
  onfailure: "transient",
  never: "temporary",
  no: "temporary",
  none: "temporary",
  false: "temporary"
})

const signals = [
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGABRT",
  "SIGKILL",
  "SIGWINCH"
] as const satisfies ReadonlyArray<Signal>
const numbered = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  6: "SIGABRT",
  9: "SIGKILL",
  10: "SIGUSR1",
  12: "SIGUSR2",
  15: "SIGTERM"
} as const
export const StopSignal = words(signals, {
  ...numbered,
  ...Object.fromEntries(signals.map((signal) => [signal.slice(3).toLowerCase(), signal]))
})

export const StopTo = words(["group", "leader"], { mixed: "leader", process: "leader", "control-group": "group" })

export const Stdin = words(["null", "pipe"], { open: "pipe", inherit: "pipe", ignore: "null" })

/** A whole number in a range. */
export const whole = (minimum: number, maximum: number | "any", what = "a whole number") => {
  const range = maximum === "any" ? `${what}, ${minimum} or more` : `${what} from ${minimum} to ${maximum}`
  const hint = expectation(range, (found) => (typeof found === "string" && /^\d+$/.test(found) ? found : undefined))
  const inRange = maximum === "any" ? Schema.isGreaterThanOrEqualTo(minimum, hint) : Schema.isBetween({ minimum, maximum }, hint)
  return Schema.Number.check(Schema.isInt(hint), inRange)
}

export const Ratio = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }, expectation("a number from 0 to 1")))
