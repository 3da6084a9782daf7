/** Which of all possible mutants are tried. Depends only on the seed and the sources. */
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Change, Kind, RandomMutant } from "./Change.ts"
import { applied, changesIn, parses } from "./changes.ts"

const digest = (text: string): string => createHash("sha256").update(text).digest("hex")

/** All mutants of a room, or of a folder in it, in the order of its files. */
export function mutantsOf(root: string, room: string): ReadonlyArray<RandomMutant> {
  const files = readdirSync(join(root, "src", room), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
  return files.toSorted().flatMap((name) => mutantsIn(`src/${room}/${name}`, readFileSync(join(root, "src", room, name), "utf8")))
}

export function mutantsIn(file: string, text: string): ReadonlyArray<RandomMutant> {
  const times = new Map<string, number>()
  return changesIn(text).map((change) => {
    const { line, written, changed } = lines(text, change)
    const what = [file, change.kind, written, changed].join("\n")
    times.set(what, (times.get(what) ?? 0) + 1)
    return { ...change, id: digest(`${what}\n${times.get(what)}`).slice(0, 8), room: file.split("/")[1]!, file, line, written, changed }
  })
}

function lines(text: string, change: Change): Pick<RandomMutant, "line" | "written" | "changed"> {
  const from = text.lastIndexOf("\n", change.start - 1) + 1
  const end = text.indexOf("\n", change.end)
  const to = end < 0 ? text.length : end
  const after = applied(text, change)
  return {
    line: text.slice(0, change.start).split("\n").length,
    written: singleSpaced(text.slice(from, to)),
    changed: singleSpaced(after.slice(from, to + after.length - text.length))
  }
}

const singleSpaced = (text: string): string => text.replace(/\s+/g, " ").trim()

/**
 * Kinds take turns, so that rare ones are tried, too. Within a kind the order follows from the seed and the mutant
 * itself: a larger count only adds mutants, and a change in one file hardly changes the choice in others. At most one
 * per line.
 */
export function draw(root: string, all: ReadonlyArray<RandomMutant>, count: number, seed: number): ReadonlyArray<RandomMutant> {
  const queues = byKind(all, seed)
  const lines = new Set<string>()
  const drawn: Array<RandomMutant> = []
  while (drawn.length < count && queues.some((queue) => queue.length > 0))
    for (const queue of queues) {
      const next = nextOf(queue, lines)
      if (next === undefined || drawn.length === count || !parses(applied(readFileSync(join(root, next.file), "utf8"), next))) continue
      lines.add(`${next.file}:${next.line}`)
      drawn.push(next)
    }
  return drawn
}

function byKind(all: ReadonlyArray<RandomMutant>, seed: number): ReadonlyArray<Array<RandomMutant>> {
  const rank = new Map(all.map(({ id }) => [id, digest(`${seed} ${id}`)]))
  const kinds = Map.groupBy(
    all.toSorted((a, b) => (rank.get(a.id)! < rank.get(b.id)! ? -1 : 1)),
    ({ kind }): Kind => kind
  )
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, queue]) => queue)
}

function nextOf(queue: Array<RandomMutant>, lines: ReadonlySet<string>): RandomMutant | undefined {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) if (!lines.has(`${next.file}:${next.line}`)) return next
  return undefined
}
