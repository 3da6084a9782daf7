/** Which tests should notice a mutant, in stages, the most likely ones first. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { imports } from "../../tidy/source.ts"
import type { RandomMutant } from "./Change.ts"
import { roomOf, slow } from "./rooms.ts"

export interface Stage {
  readonly name: "importing" | "mirror" | "behind"
  /** Test files, from the root of the project. */
  readonly tests: ReadonlyArray<string>
  readonly isPure: boolean
}

/** At most this many of the tests that import a file are run first: for some files it would be all. */
const IMPORTING_MAX = 8

export class Tests {
  private readonly root: string
  private readonly all: ReadonlyArray<string>
  private readonly known = new Map<string, ReadonlySet<string>>()

  constructor(root: string) {
    this.root = root
    const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    this.all = files.map((name) => `test/${name}`).filter((test) => test.endsWith(".test.ts") && !slow.some((part) => test.includes(part)))
  }

  /** No test is in two stages. */
  stages({ file, room }: Pick<RandomMutant, "file" | "room">): ReadonlyArray<Stage> {
    const { isPure = false, sameAsLaws = [], behind } = roomOf(room)
    const asked = new Set(sameAsLaws.flatMap((place) => this.under(place)))
    const fresh = (tests: ReadonlyArray<string>) => tests.filter((test) => !asked.has(test) && asked.add(test))
    const stages: ReadonlyArray<Stage> = [
      { name: "importing", tests: fresh(this.importing(file, room)).slice(0, IMPORTING_MAX), isPure },
      { name: "mirror", tests: fresh(this.under(`test/${room}`)), isPure },
      { name: "behind", tests: fresh(behind.flatMap((place) => this.under(place))), isPure: false }
    ]
    return stages.filter(({ tests }) => tests.length > 0)
  }

  /** A folder, or one file without its ending. */
  under(place: string): ReadonlyArray<string> {
    return this.all.filter((test) => test === `${place}.test.ts` || test.startsWith(`${place}/`)).toSorted()
  }

  /**
   * Tests that import it themselves, then those that do so through other files of `test`; of each the room's own first,
   * then the smallest. For a pure room only its own, as all others take long to start.
   */
  private importing(file: string, room: string): ReadonlyArray<string> {
    const isOwn = (test: string) => test.startsWith(`test/${room}/`)
    const isMeant = (test: string) => roomOf(room).isPure !== true || isOwn(test)
    const order = (test: string) => [this.importedBy(test).includes(file) ? 0 : 1, isOwn(test) ? 0 : 1, this.size(test)]
    const found = this.all.filter((test) => isMeant(test) && this.reached(test).has(file)).map((test) => ({ test, order: order(test) }))
    return found.toSorted((a, b) => compared(a.order, b.order)).map(({ test }) => test)
  }

  private reached(file: string): ReadonlySet<string> {
    const known = this.known.get(file)
    if (known !== undefined) return known
    const reached = new Set<string>()
    this.known.set(file, reached) // before it is complete, as imports may be cyclic
    for (const other of this.importedBy(file)) {
      reached.add(other)
      if (other.startsWith("test/")) for (const further of this.reached(other)) reached.add(further)
    }
    return reached
  }

  private importedBy(path: string): ReadonlyArray<string> {
    return imports(path, readFileSync(join(this.root, path), "utf8")).flatMap(({ file }) =>
      file?.endsWith(".ts") && existsSync(join(this.root, file)) ? [file] : []
    )
  }

  private size(test: string): number {
    return readFileSync(join(this.root, test)).length
  }
}

const compared = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  a.map((number, n) => number - b[n]!).find((difference) => difference !== 0) ?? 0
