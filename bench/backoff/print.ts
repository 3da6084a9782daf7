/** Prints the comparison: costs, the two figures that summarise them, and the parts of the cost of the outage. */
import type { Compared } from "./compare.ts"
import { scenarios } from "./scenarios.ts"

const NAME = 28
const COLUMN = 16

export const print = (table: ReadonlyArray<Compared>, seeds: number): string =>
  [
    `Cost in seconds, ${seeds === 1 ? "of one world" : `the mean of ${seeds} worlds`}: downtime that was not necessary + 1 for each restart + 5 for each start in C's busiest second`,
    ...scenarios.map(({ name, says }) => `  ${name}: ${says}`),
    "",
    line("", [...scenarios.map(({ name }) => name), "geo. mean ratio", "worst ratio"]),
    ...table.map(({ policy, costs, ratio, worst }) =>
      line(policy, [...costs.map(({ cost }) => few(cost)), ratio.toFixed(2), worst.toFixed(2)])
    ),
    "",
    ...scenarios.flatMap(({ name, isHerd }, n) => (isHerd === true ? detail(name, table, n) : []))
  ].join("\n")

const detail = (name: string, table: ReadonlyArray<Compared>, n: number): ReadonlyArray<string> => [
  line(name, ["s late", "restarts", "busiest second"]),
  ...table.map(({ policy, costs }) => line(policy, [few(costs[n]!.lateS), few(costs[n]!.restarts), few(costs[n]!.peak)]))
]

const line = (name: string, cells: ReadonlyArray<string>): string =>
  (name.padEnd(NAME) + cells.map((cell) => cell.padStart(COLUMN)).join("")).trimEnd()
const few = (value: number): string => (value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en"))
