/**
 * Whether tests notice a mutant. A test that fails for the first time is run against the original sources, too; if it
 * fails there as well it is not used any more.
 */
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { RandomMutant } from "./Change.ts"
import type { Copy } from "./Copy.ts"
import type { Programs } from "./programs.ts"
import { roomOf } from "./rooms.ts"
import type { Stage, Tests } from "./stages.ts"

export type Judgement =
  | { readonly _tag: "Noticed"; readonly stage: Stage["name"] | "laws"; readonly by: string }
  /** `types`: the complaint of the type check, which does not count as a test. */
  | { readonly _tag: "Survived"; readonly types?: string }
  /** The tests do not end in time, nor for the original sources. */
  | { readonly _tag: "Unjudged"; readonly stage: Stage["name"] | "laws" }

/** A complaint: the test file, if there is one, and a line of it. */
interface Complaint {
  readonly test?: string
  readonly what: string
}
const LATE: Complaint = { what: "does not end" }

export class Judge {
  /** Tests that fail for the original sources, too. */
  readonly failing = new Set<string>()
  private readonly passing = new Set<string>()
  private readonly copy: Copy
  private readonly programs: Programs
  private readonly tests: Tests

  constructor(copy: Copy, programs: Programs, tests: Tests) {
    this.copy = copy
    this.programs = programs
    this.tests = tests
  }

  async judge(mutant: RandomMutant): Promise<Judgement> {
    const laws = await this.byLaws(mutant)
    if (laws !== undefined) return laws
    for (const stage of this.tests.stages(mutant)) {
      const verdict = await this.byTests(mutant, stage)
      if (verdict !== undefined) return verdict
    }
    const types = await this.broken(mutant, () => this.types())
    return { _tag: "Survived", ...(types === undefined ? {} : { types }) }
  }

  private async byLaws(mutant: RandomMutant): Promise<Judgement | undefined> {
    const orders = roomOf(mutant.room).laws ?? []
    if (orders.length === 0 || this.failing.has("laws")) return undefined
    const complaint = await this.broken(mutant, () => this.laws(orders))
    if (complaint === undefined) return undefined
    if (await this.isPassing("laws", () => this.laws(orders))) return { _tag: "Noticed", stage: "laws", by: complaint.what }
    return complaint === LATE ? { _tag: "Unjudged", stage: "laws" } : undefined
  }

  private async byTests(mutant: RandomMutant, { name, tests, isPure }: Stage): Promise<Judgement | undefined> {
    const passing = tests.filter((test) => !this.failing.has(test))
    if (passing.length === 0) return undefined
    const complaint = await this.broken(mutant, () => this.vitest(passing, isPure))
    if (complaint === undefined) return undefined
    const { test } = complaint
    const whole = passing.join(" ")
    const isPassing = await this.isPassing(test ?? whole, () => this.vitest(test === undefined ? passing : [test], isPure))
    if (isPassing) return { _tag: "Noticed", stage: name, by: complaint.what }
    // The others are run again without this unreliable test.
    return test === undefined ? { _tag: "Unjudged", stage: name } : this.byTests(mutant, { name, tests: passing, isPure })
  }

  private async isPassing(what: string, ask: () => Promise<Complaint | undefined>): Promise<boolean> {
    if (this.passing.has(what)) return true
    this.copy.heal()
    const isPassing = (await ask()) === undefined
    void (isPassing ? this.passing : this.failing).add(what)
    return isPassing
  }

  private async broken<A>(mutant: RandomMutant, ask: () => Promise<A>): Promise<A> {
    this.copy.breakBy(mutant)
    try {
      return await ask()
    } finally {
      this.copy.heal()
    }
  }

  /** Ended at the first complaint. */
  private async laws(orders: ReadonlyArray<string>): Promise<Complaint | undefined> {
    const complained = (stdout: string) =>
      stdout
        .split("\n")
        .slice(0, -1)
        .findIndex((line) => line !== "[]")
    const folder = `${pathToFileURL(join(this.copy.folder, "src")).href}/`
    const said = await this.programs.run(["test/mutants/judge.ts", folder, ...orders], (stdout) => complained(stdout) >= 0)
    const found = complained(said.stdout)
    if (found >= 0) return { what: `${orders[found]}: ${JSON.parse(said.stdout.split("\n")[found]!)[0]}` }
    if (said.code === undefined) return LATE
    return said.code === 0 ? undefined : { what: errorIn(said.stderr) }
  }

  private async vitest(tests: ReadonlyArray<string>, isPure: boolean): Promise<Complaint | undefined> {
    const report = join(this.copy.folder, ".supervise-report.json")
    const how = ["--bail=1", "--maxWorkers=1", "--no-cache", `--fsModuleCachePath=${join(this.copy.folder, ".supervise-modules")}`]
    const to = ["--reporter=json", `--outputFile=${report}`]
    rmSync(report, { force: true })
    const said = await this.programs.run([
      "node_modules/vitest/vitest.mjs",
      "run",
      ...how,
      ...to,
      ...(isPure ? ["--no-isolate"] : []),
      ...tests
    ])
    if (said.code === 0) return undefined
    return said.code === undefined ? LATE : (complaintIn(report) ?? { what: errorIn(said.stderr || said.stdout) })
  }

  private async types(): Promise<string | undefined> {
    const said = await this.programs.run(["node_modules/typescript/bin/tsc", "--pretty", "false"])
    return said.code === 0 ? undefined : (said.stdout.split("\n")[0] ?? "does not end")
  }
}

/** Under --bail the files that were not run count as failed, too, but without a message. */
function complaintIn(report: string): Complaint | undefined {
  const complaints = (read(report).testResults ?? []).flatMap(({ name, message, assertionResults }) => {
    const title = assertionResults.find(({ status }) => status === "failed")?.fullName ?? message.split("\n")[0]
    const test = name.slice(name.lastIndexOf("/test/") + 1)
    return title ? [{ test, what: `${test}: ${title}` }] : []
  })
  return complaints[0]
}

interface Report {
  readonly testResults?: ReadonlyArray<{
    readonly name: string
    readonly message: string
    readonly assertionResults: ReadonlyArray<{ readonly status: string; readonly fullName: string }>
  }>
}

/** Undefined if Vitest did not get that far. */
function read(report: string): Report {
  try {
    return JSON.parse(readFileSync(report, "utf8"))
  } catch {
    return {}
  }
}

const errorIn = (text: string): string => /^.*Error\b.*$/m.exec(text)?.[0] ?? text.trim().slice(-200)
