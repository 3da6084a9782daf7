/**
 * Reads the values of flags. For `--kill` and the like: `PATH@WHEN:HOW_LONG`; a fault without `@WHEN` comes at a time
 * that the seed decides. For `--fail` and the like: `PATH=TIME`, where the time may be drawn at random.
 */
import { readFileSync } from "node:fs"
import type { Exit } from "../../core/Exit.ts"
import { BadRehearsal } from "../../sim/BadRehearsal.ts"
import { millis, type Time } from "../../sim/Time.ts"
import type { BehaviourAt } from "../../sim/world/Behaviour.ts"
import { type Distribution, times } from "../../sim/world/Distribution.ts"
import { faults, type Injection } from "../../sim/world/Injection.ts"

/** The flags, each with the values of all its occurrences. */
export interface FaultFlags {
  readonly kill: ReadonlyArray<string>
  readonly hang: ReadonlyArray<string>
  readonly hint: ReadonlyArray<string>
  readonly pause: ReadonlyArray<string>
  readonly outage: ReadonlyArray<string>
  readonly spawnErrors: ReadonlyArray<string>
  readonly swizzle: ReadonlyArray<string>
  readonly stall: ReadonlyArray<string>
  readonly suspend: ReadonlyArray<string>
  readonly clockJump: ReadonlyArray<string>
  readonly fail: ReadonlyArray<string>
  readonly start: ReadonlyArray<string>
  readonly stop: ReadonlyArray<string>
  readonly failedStarts: ReadonlyArray<string>
  readonly hangs: ReadonlyArray<string>
  readonly pauses: ReadonlyArray<string>
  readonly exits: ReadonlyArray<string>
  readonly deaf: ReadonlyArray<string>
}

const bad = (because: string): never => {
  throw new BadRehearsal({ because })
}

export function injectionsOf(flags: FaultFlags): ReadonlyArray<Injection> {
  const at = (flag: string, text: string) => {
    const { path, at, long } = parts(flag, text)
    if (path === "" || long !== undefined) bad(`--${flag} ${text} should be PATH@WHEN, such as db@3s.`)
    return { path, at }
  }
  const span = (flag: string, text: string) => {
    const { path, at, long } = parts(flag, text)
    if (path === "" || long === undefined)
      return bad(`--${flag} ${text} should be PATH@WHEN:HOW_LONG, such as db@1m:30s, or PATH:HOW_LONG.`)
    return { path, at, for: long }
  }
  const anywhere = (flag: string, text: string) => {
    const { path, at, long } = parts(flag, text.includes("@") || text.includes(":") ? text : `:${text}`)
    if (path !== "" || long === undefined) return bad(`--${flag} ${text} should be @WHEN:HOW_LONG, such as @1m:5s, or HOW_LONG.`)
    return { at, for: long }
  }
  return [
    ...flags.kill.map((text) => at("kill", text)).map(({ path, at }) => faults.kill(path, at)),
    ...flags.hang.map((text) => at("hang", text)).map(({ path, at }) => faults.hang(path, at)),
    ...flags.hint.map((text) => at("hint", text)).map(({ path, at }) => faults.hint(path, at)),
    ...flags.pause.map((text) => span("pause", text)).map(({ path, at, for: long }) => faults.pause(path, { ...at, for: long })),
    ...flags.outage.map((text) => span("outage", text)).map(({ path, at, for: long }) => faults.outage(path, { ...at, for: long })),
    ...flags.spawnErrors
      .map((text) => span("spawn-errors", text))
      .map(({ path, at, for: long }) => faults.spawnErrors(path, { ...at, for: long })),
    ...flags.swizzle.map((text) => span("swizzle", text)).map(({ path, at, for: long }) => faults.swizzle(path, { ...at, for: long })),
    ...flags.stall.map((text) => anywhere("stall", text)).map(({ at, for: long }) => faults.stall({ ...at, for: long })),
    ...flags.suspend.map((text) => anywhere("suspend", text)).map(({ at, for: long }) => faults.suspend({ ...at, for: long })),
    ...flags.clockJump.map(jump)
  ]
}

/** `@1m:+1h`, `@1m:-5s`. */
function jump(text: string): Injection {
  const [, when, sign, long] = /^(?:@([^:]+):)?([+-]?)([^:@+-]+)$/.exec(text) ?? []
  if (long === undefined) return bad(`--clock-jump ${text} should be @WHEN:+HOW_LONG or @WHEN:-HOW_LONG, such as @1m:-5s.`)
  const whole = `the time in --clock-jump ${text}`
  const byMs = millis(long as Time, whole) * (sign === "-" ? -1 : 1)
  return faults.clockJump({ ...(when === undefined ? {} : { at: millis(when as Time, whole) }), byMs })
}

function parts(flag: string, text: string) {
  const [, path = "", when, long] =
    /^([^@:]*)(?:@([^@:]*))?(?::([^@:]*))?$/.exec(text) ?? bad(`--${flag} ${text} has more than one @ or : in it.`)
  const time = (of: string | undefined) => (of === undefined ? undefined : millis(of as Time, `the time in --${flag} ${text}`))
  const at = time(when)
  return { path, at: at === undefined ? {} : { at }, long: time(long) }
}

// ---------------------------------------------------------------- behaviour

export function behavioursOf(flags: FaultFlags): ReadonlyArray<BehaviourAt> {
  const each = (
    flag: string,
    texts: ReadonlyArray<string>,
    what: (value: string, whole: string) => Omit<BehaviourAt, "path">
  ): ReadonlyArray<BehaviourAt> =>
    texts.map((text) => {
      const split = text.indexOf("=")
      if (split < 1) return bad(`--${flag} ${text} should be PATH=SOMETHING.`)
      return { path: text.slice(0, split), ...what(text.slice(split + 1), `--${flag} ${text}`) }
    })
  return [
    ...each("fail", flags.fail, (value, whole) => ({ lifetime: distribution(value, whole) })),
    ...each("start", flags.start, (value, whole) => ({ starting: distribution(value, whole) })),
    ...each("stop", flags.stop, (value, whole) => ({ stopping: distribution(value, whole) })),
    ...each("failed-starts", flags.failedStarts, (value, whole) => ({ failedStarts: share(value, whole) })),
    ...each("hangs", flags.hangs, (value, whole) => ({ hangs: share(value, whole) })),
    ...each("pauses", flags.pauses, (value, whole) => pauses(value, whole)),
    ...each("exits", flags.exits, (value, whole) => ({ exits: value.split("|").map((one) => exit(one, whole)) })),
    ...flags.deaf.map((path) => ({ path, deaf: true }))
  ]
}

/** `exp(10m)/2s`: how often, and for how long. */
function pauses(text: string, whole: string): Pick<BehaviourAt, "pauseEvery" | "pauseFor"> {
  const [every, long, ...rest] = text.split("/")
  if (every === undefined || long === undefined || rest.length > 0)
    return bad(`${whole} should be PATH=EVERY/HOW_LONG, such as web=exp(10m)/2s.`)
  return { pauseEvery: distribution(every, whole), pauseFor: distribution(long, whole) }
}

/** `30s`, `exp(30s)`, `weibull(30s,1.5)`, `never`, `csv(FILE)`. */
export function distribution(text: string, whole: string): Distribution {
  const [, name = "", inner = ""] = /^(\w+)\((.*)\)$/.exec(text) ?? []
  switch (name) {
    case "exp":
      return times.exponential(time(inner, whole))
    case "weibull": {
      const [scale = "", shape = ""] = inner.split(",").map((one) => one.trim())
      if (!/^\d*\.?\d+$/.test(shape)) return bad(`${whole}: weibull takes a time and a shape, such as weibull(30s,1.5).`)
      return times.weibull(time(scale, whole), Number(shape))
    }
    case "csv":
      return times.samples(samples(inner, whole))
    case "":
      return text === "never" ? times.never : times.constant(time(text, whole))
    default:
      return bad(`${whole}: there is no distribution ${name}. There are 30s, exp(30s), weibull(30s,1.5), csv(FILE) and never.`)
  }
}

const time = (text: string, whole: string): number => millis(text as Time, `the time in ${whole}`)

/** The first column of a file: durations, or numbers of seconds. If the first line is neither, it is a title. */
function samples(file: string, whole: string): ReadonlyArray<number> {
  let text = ""
  try {
    text = readFileSync(file, "utf8")
  } catch (error) {
    bad(`${whole}: ${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? error}.`)
  }
  const found = text.split("\n").flatMap((line, n) => {
    const cell = (line.split(",")[0] ?? "").trim().replace(/^"(.*)"$/, "$1")
    if (cell === "" || (n === 0 && !/^[\d.]/.test(cell))) return []
    return [/^\d*\.?\d+$/.test(cell) ? Math.round(Number(cell) * 1000) : millis(cell as Time, `${file}:${n + 1}`)]
  })
  return found.length > 0
    ? found
    : bad(`${whole}: there is no time in ${file}. Its first column should hold durations, or numbers of seconds.`)
}

/** `10%` or `0.1`. */
function share(text: string, whole: string): number {
  const [, number, percent] = /^(\d*\.?\d+)(%?)$/.exec(text) ?? []
  const value = number === undefined ? Number.NaN : Number(number) / (percent === "%" ? 100 : 1)
  return value >= 0 && value <= 1 ? value : bad(`${whole}: ${text} should be a share, such as 10%.`)
}

/** `3` or `SIGSEGV`. */
function exit(text: string, whole: string): Exit {
  if (/^\d{1,3}$/.test(text) && Number(text) < 256) return { _tag: "Code", code: Number(text) }
  if (/^SIG[A-Z0-9]+$/.test(text)) return { _tag: "Signal", signal: text }
  return bad(`${whole}: ${text} should be an exit code or a signal, such as 3 or SIGSEGV; several with | between them.`)
}
