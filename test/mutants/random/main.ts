/** `npm run mutants -- --random`: see `options.ts`. Exits with 64 if there is no such room or mutant. */
import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { equivalent } from "../equivalent.ts"
import type { RandomMutant } from "./Change.ts"
import { Copy } from "./Copy.ts"
import { draw, mutantsOf } from "./draw.ts"
import { Judge } from "./Judge.ts"
import { help, type Options, optionsOf } from "./options.ts"
import { Programs } from "./programs.ts"
import { type Judged, said, shown, summary, survivor } from "./report.ts"
import { Tests } from "./stages.ts"

const root = resolve(import.meta.dirname, "../../..")

function wrong(sentence: string): never {
  console.error(`${sentence}\n\n${help}`)
  process.exit(64)
}

function asked(): Options {
  try {
    return optionsOf(process.argv.slice(2))
  } catch (error) {
    return wrong((error as Error).message)
  }
}

const folders = readdirSync(join(root, "src"), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

function chosen({ rooms, only, count, seed }: Options): ReadonlyArray<RandomMutant> {
  for (const room of rooms) if (!existsSync(join(root, "src", room))) wrong(`There is no src/${room}.`)
  const found = (rooms.length === 0 ? folders : rooms).flatMap((room) => {
    const all = mutantsOf(root, room)
    return only === undefined ? draw(root, all, count, seed) : all.filter(({ id }) => only.includes(id))
  })
  return found.length > 0 ? found : wrong("There is no such mutant.")
}

const isEquivalent = ({ file, written, changed }: RandomMutant): boolean =>
  equivalent.some((other) => other.file === file && other.written === written && other.changed === changed)

/** From an earlier run, for mutants that are still the same. */
const known = (out: string | undefined): ReadonlyArray<Judged> =>
  out === undefined || !existsSync(out)
    ? []
    : readFileSync(out, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))

async function judged(mutants: ReadonlyArray<RandomMutant>, { out, limitMs }: Options): Promise<ReadonlyArray<Judged>> {
  const verdicts = new Map(known(out).map(({ mutant, verdict }) => [mutant.id, verdict]))
  const copy = new Copy(root)
  const programs = new Programs(copy.folder, limitMs)
  process.on("exit", () => {
    programs.sweep()
    copy.remove()
  })
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130))
  const judge = new Judge(copy, programs, new Tests(root))
  for (const [n, mutant] of mutants.entries()) {
    if (verdicts.has(mutant.id)) continue
    const since = performance.now()
    const verdict = await judge.judge(mutant)
    verdicts.set(mutant.id, verdict)
    if (out !== undefined) appendFileSync(out, `${JSON.stringify({ mutant, verdict })}\n`)
    console.log(`${n + 1}/${mutants.length} ${shown(mutant)}  ${said(verdict)}  ${Math.round((performance.now() - since) / 1000)} s`)
  }
  for (const test of judge.failing) console.log(`Not asked, as it fails for the original sources, too: ${test}`)
  return mutants.map((mutant) => ({ mutant, verdict: verdicts.get(mutant.id)! }))
}

const options = asked()
const all = chosen(options)
if (options.isList) {
  const tests = new Tests(root)
  for (const mutant of all)
    console.log(`${shown(mutant)}${isEquivalent(mutant) ? "  equivalent" : ""}  ${tests.stages(mutant)[0]?.tests.join(" ") ?? "no test"}`)
} else {
  const results = await judged(
    all.filter((mutant) => !isEquivalent(mutant)),
    options
  )
  const survivors = results.filter(({ verdict }) => verdict._tag === "Survived")
  if (survivors.length > 0) console.log(`\nNoticed by no test:\n\n${survivors.map(survivor).join("\n")}\n`)
  for (const [room, ofRoom] of Map.groupBy(all, (mutant) => mutant.room))
    console.log(
      summary(
        room,
        results.filter(({ mutant }) => mutant.room === room),
        ofRoom.filter(isEquivalent).length
      )
    )
}
