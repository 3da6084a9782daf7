/**
 * node test/mutants/judge.ts FOLDER [stories] [properties=RUNS] [otp=FILE]
 *
 * Looks at the core in that folder in each of these ways, in this order, and prints for each one line of JSON: the complaints, none if
 * nothing was noticed. Stories complain with the titles of those that are told differently, OTP with the ids of the scenarios.
 */
import { readFileSync } from "node:fs"
import { storyFiles } from "../core/stories.ts"
import { tellStory } from "../core/story.ts"
import type { Core } from "../otp/Driver.ts"

const [folder = "", ...orders] = process.argv.slice(2)
const core = (await import(new URL("Tree.ts", folder).href)) as Core

function stories(): ReadonlyArray<string> {
  const all = storyFiles().flatMap((file) => file.stories)
  return all.filter(({ body }) => told(body) !== body.trimEnd()).map(({ title }) => title)
}

function told(body: string): string {
  try {
    return tellStory(body, core)
  } catch (error) {
    return String(error)
  }
}

/** Not shrunk: that something does not hold is enough. */
async function properties(runs: number): Promise<ReadonlyArray<string>> {
  const { search } = await import("../core/soak/search.ts")
  const found = await search(core, { runs, seed: 1, maxShrinks: 0 })
  return found === undefined ? [] : [found.what]
}

async function otp(file: string): Promise<ReadonlyArray<string>> {
  const { compare } = await import("../otp/compare.ts")
  const { attempt } = await import("../otp/replay.ts")
  const { scenarios, traces } = JSON.parse(readFileSync(file, "utf8"))
  const ours = scenarios.map((scenario: Parameters<typeof attempt>[1]) => attempt(core, scenario))
  return compare(scenarios, traces, ours).differences.map(({ scenario }) => String(scenario.id))
}

for (const order of orders) {
  const [way, what = ""] = order.split("=")
  const complaints = way === "stories" ? stories() : way === "properties" ? await properties(Number(what)) : await otp(what)
  console.log(JSON.stringify(complaints))
}
