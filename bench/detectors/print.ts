/** Prints the comparison. */
import { type Aim, nameOf } from "./aims.ts"
import { bestWithin, type Compared, front, WITHIN_MS } from "./compare.ts"
import type { Configuration } from "./replay.ts"
import type { Stalled } from "./stalls.ts"

export interface Findings {
  readonly hours: number
  readonly configurations: ReadonlyArray<Configuration>
  readonly compared: ReadonlyArray<Compared>
  readonly stalled: ReadonlyArray<Stalled>
  readonly aims: ReadonlyArray<Aim>
}

const NAME = 36
const COLUMN = 13

export const print = ({ configurations, compared, stalled, aims, hours }: Findings): string =>
  [
    `As recommended: detection time in ms, mistakes in ${hours.toFixed(2)} hours; then both for each trace`,
    ...tableOf(configurations.filter(({ usual, group, threshold }) => usual || (group === "fixed" && threshold % 500 === 0))),
    "",
    "The front: none is as quick with fewer mistakes",
    line("", ["ms", "mistakes", "an hour"]),
    ...front(configurations).map((one) => line(nameOf(one), [ms(one.detectionMs), count(one.mistakes), one.perHour.toPrecision(2)])),
    "",
    "The fewest mistakes of each kind within a detection time",
    line("ms", ["ours", "Akka", "Cassandra", "schedule", "fixed"]),
    ...WITHIN_MS.map((within) =>
      line(
        String(within),
        (["ours", "Akka", "Cassandra", "schedule", "fixed"] as const).map((group) => {
          const best = bestWithin(
            configurations.filter((one) => one.group === group),
            within
          )
          return best === undefined ? "–" : count(best.mistakes)
        })
      )
    ),
    "",
    "Each of ours, and the best of Akka's that is as quick",
    line("", ["ms", "mistakes", "Akka's", "times"]),
    ...compared
      .filter(({ theirs }) => theirs !== undefined)
      .map(({ ours, theirs, ratio }) =>
        line(nameOf(ours), [
          ms(ours.detectionMs),
          count(ours.mistakes),
          ...(theirs === undefined ? ["none is"] : [count(theirs.mistakes), ratio!.toFixed(1)])
        ])
      ),
    ...(stalled.length === 0 ? [] : ["", ...stallTables(stalled)]),
    "",
    ...aims.map(
      ({ aim, met, found }) => `aim: ${aim}: ${met === undefined ? "too few mistakes to say" : `${met ? "met" : "missed"}, ${found}`}`
    )
  ].join("\n")

function tableOf(configurations: ReadonlyArray<Configuration>): ReadonlyArray<string> {
  const names = [...new Set(configurations.flatMap(({ traces }) => traces.map(({ trace }) => trace)))]
  const head = line("", ["all", ...names.map((name) => name.replace(/^real-/, ""))])
  return [
    head,
    ...configurations.map((setting) =>
      line(nameOf(setting), [
        cell(setting.detectionMs, setting.mistakes),
        ...names.map((name) => {
          const of = setting.traces.filter(({ trace }) => trace === name)
          const detectionMs = Math.exp(of.reduce((sum, one) => sum + Math.log(one.detectionMs), 0) / of.length)
          return cell(
            detectionMs,
            of.reduce((sum, one) => sum + one.mistakes, 0)
          )
        })
      ])
    )
  ]
}

const stallTables = (stalled: ReadonlyArray<Stalled>): ReadonlyArray<string> =>
  [...new Set(stalled.map(({ trace }) => trace))].flatMap((name) => [
    `${name}: where it is the supervisor that does not run`,
    line("", ["ms", "suspected", "convicted"]),
    ...stalled
      .filter(({ trace }) => trace === name)
      .map(({ detector, handling, detectionMs, suspected, convicted }) =>
        line(`${detector}, ${handling}`, [ms(detectionMs), suspected === undefined ? "" : count(suspected), count(convicted)], NAME + 18)
      )
  ])

const line = (name: string, cells: ReadonlyArray<string>, width = NAME): string =>
  (name.padEnd(width) + cells.map((cell) => cell.padStart(COLUMN)).join("")).trimEnd()
const cell = (detectionMs: number, mistakes: number): string => `${ms(detectionMs)} ${String(mistakes).padStart(5)}`
const ms = (value: number): string => value.toFixed(0)
const count = (value: number): string => value.toLocaleString("en")
