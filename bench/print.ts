/** Prints the figures: a table for each measure, two side by side, with the aims below. */
import { ahead, type Judged } from "./aims.ts"
import type { Contender } from "./contender.ts"
import { isPeer } from "./contenders/all.ts"
import type { Figure, Ratio } from "./figures.ts"

const NAME = 20
const COLUMN = 9
const SPREAD = 14
const BLOCK = 76

interface Table {
  readonly measure: string
  readonly title: string
  readonly digits: number
  /** A figure so close to zero that its ratios mean nothing. */
  readonly isWithoutRatio?: boolean
}

const tables: ReadonlyArray<Table> = [
  { measure: "restart", title: "restart, µs", digits: 0 },
  { measure: "boot", title: "boot, ms", digits: 1 },
  { measure: "storm", title: "storm, starts/s", digits: 0 },
  { measure: "stop", title: "stop, ms", digits: 0 },
  { measure: "block", title: "a spawn blocks, ms, with MiB", digits: 3 },
  { measure: "keeper", title: "keeper and guard, MiB", digits: 2, isWithoutRatio: true },
  { measure: "idle", title: "idle, % of a core", digits: 3, isWithoutRatio: true },
  { measure: "logs", title: "logs, s/GB, writes of", digits: 2 },
  { measure: "startup", title: "start-up, ms", digits: 0 },
  { measure: "core", title: "core, events/s", digits: 0, isWithoutRatio: true },
  { measure: "kernel", title: "kernel, µs", digits: 1, isWithoutRatio: true }
]

export function print(figures: ReadonlyArray<Figure>, judged: ReadonlyArray<Judged>, contenders: ReadonlyArray<Contender>): string {
  const titleOf = (of: string): string => contenders.find(({ name }) => name === of)?.title ?? of
  const blocks = tables.flatMap((table) => {
    const all = figures.filter(({ measure }) => measure === table.measure)
    const sizes = [...new Set(all.map(({ size }) => size))].sort((a, b) => a - b)
    return sizes.map((size) => {
      const head = line(
        table.measure === "core" || size === 0 ? table.title : `${table.title}, ${count(size)}`,
        table.isWithoutRatio ? [""] : ["", "× C", "", "× Node"]
      )
      const rows = all
        .filter((figure) => figure.size === size)
        .map(({ of, value, to }) =>
          line(table.measure === "startup" ? of : titleOf(of), [
            number(value, table.digits),
            ...(table.isWithoutRatio ? [] : [ratio(to.c), spread(to.c ?? to.node), ratio(to.node)])
          ])
        )
      return [
        head,
        ...rows,
        ...aimLines(
          judged.filter((one) => one.measure === table.measure && one.size === size),
          titleOf
        ),
        ...aheadLines(
          all.filter((figure) => figure.size === size),
          titleOf
        )
      ]
    })
  })
  const memory = memoryTable(figures, titleOf, judged)
  return sideBySide(memory === undefined ? blocks : [...blocks, memory])
}

function memoryTable(figures: ReadonlyArray<Figure>, titleOf: (of: string) => string, judged: ReadonlyArray<Judged>) {
  const each = figures.filter(({ measure }) => measure === "perLeaf")
  if (each.length === 0) return undefined
  const { size } = each[0]!
  const total = (of: string, leaves: number): string => {
    const figure = figures.find((one) => one.measure === "memory" && one.of === of && one.size === leaves)
    return figure === undefined ? "" : number(figure.value, 1)
  }
  const rows = each.map(({ of, value }) => line(titleOf(of), [total(of, 1), total(of, size), number(value, 1)]))
  return [
    line("memory, MiB with", ["1 leaf", count(size), "KiB/leaf"]),
    ...rows,
    ...aimLines(
      judged.filter(({ measure }) => measure === "perLeaf"),
      titleOf
    )
  ]
}

function aimLines(judged: ReadonlyArray<Judged>, titleOf: (of: string) => string): ReadonlyArray<string> {
  return [...new Set(judged.map(({ aim }) => aim))].map((aim) => {
    const known = judged.filter((one) => one.aim === aim && one.met !== undefined)
    const missed = known.filter(({ met }) => !met).map(({ of }) => titleOf(of).replace("supervise, ", ""))
    const result = missed.length === 0 ? "met" : missed.length === known.length ? "missed" : `missed by ${missed.join(", ")}`
    return `aim: ${aim}: ${known.length === 0 ? "too few rounds to say" : result}`
  })
}

/** Which peers are ahead of ours. Nothing without peers. */
function aheadLines(figures: ReadonlyArray<Figure>, titleOf: (of: string) => string): ReadonlyArray<string> {
  if (!figures.some(({ of }) => isPeer(of))) return []
  const behind = figures.flatMap((figure) => {
    const peers = ahead(figure).map(([peer, { median }]) => `${titleOf(peer)} (${median.toFixed(2)})`)
    return peers.length === 0 ? [] : [`${titleOf(figure.of)} is behind ${peers.join(", ")}`]
  })
  return behind.length === 0 ? ["ahead of every peer"] : behind
}

const line = (name: string, cells: ReadonlyArray<string>): string => name.padEnd(NAME) + cells.map((cell) => cell.padStart(COLUMN)).join("")
const count = (leaves: number): string => leaves.toLocaleString("en")
const number = (value: number, digits: number): string =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
const ratio = (value: Ratio | undefined): string => (value === undefined ? "" : value.median.toFixed(2))
/** Between which half of the ratios are. */
const spread = (value: Ratio | undefined): string =>
  (value === undefined ? "" : `${short(value.low)}–${short(value.high)}`).padStart(SPREAD)

const short = (value: number): string => value.toFixed(value < 100 ? 2 : 0)

function sideBySide(blocks: ReadonlyArray<ReadonlyArray<string>>): string {
  const lines: Array<string> = []
  for (let i = 0; i < blocks.length; i += 2) {
    const [left, right = []] = blocks.slice(i, i + 2) as [ReadonlyArray<string>, ReadonlyArray<string>?]
    for (let row = 0; row < Math.max(left.length, right.length); row++) {
      lines.push(`${(left[row] ?? "").padEnd(BLOCK)}${right[row] ?? ""}`.trimEnd())
    }
    lines.push("")
  }
  return lines.join("\n").trimEnd()
}
