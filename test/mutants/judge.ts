/**
 * node test/mutants/judge.ts FOLDER [stories] [properties=RUNS] [pacing] [otp=FILE] [detection] [watch=PATTERN]
 * [rehearsals]
 *
 * Checks the copy of `src` in that folder in each of these ways, in this order, and prints one line of JSON for each:
 * the complaints. These are the titles of stories with another outcome, the ids of OTP's scenarios, the titles of
 * broken laws (of the watch, only those that match are checked), or the invariants of rehearsals with their sentences.
 */
import { readFileSync } from "node:fs"
import * as fc from "fast-check"
import type { Images } from "../core/soak/run.ts"
import { storyFiles } from "../core/stories.ts"
import { tellStory } from "../core/story.ts"
import type { Core } from "../otp/Driver.ts"

// Always the same seed, as for the properties below, so that the result does not depend on luck. No shrinking: any
// counterexample will do.
fc.configureGlobal({ endOnFailure: true, seed: 1 })

const [folder = "", ...orders] = process.argv.slice(2)
const load = (file: string) => import(new URL(file, folder).href)
const core = (await load("core/Machine.ts")) as Core
const views = (await load("core/Snapshot.ts")) as typeof import("../../src/core/Snapshot.ts")

function stories(): ReadonlyArray<string> {
  const all = storyFiles().flatMap((file) => file.stories)
  return all.filter(({ body }) => outcomeOf(body) !== body.trimEnd()).map(({ title }) => title)
}

function outcomeOf(body: string): string {
  try {
    return tellStory(body, core, views)
  } catch (error) {
    return String(error)
  }
}

async function properties(runs: number): Promise<ReadonlyArray<string>> {
  const { search } = await import("../core/soak/search.ts")
  const images = { ...(await load("core/Image.ts")), ...(await load("codec/image.ts")) } as Images
  const found = await search(core, { runs, seed: 1, maxShrinks: 0 }, images)
  return found === undefined ? [] : [found.what]
}

async function otp(file: string): Promise<ReadonlyArray<string>> {
  const { compare } = await import("../otp/compare.ts")
  const { attempt } = await import("../otp/replay.ts")
  const { scenarios, traces } = JSON.parse(readFileSync(file, "utf8"))
  const ours = scenarios.map((scenario: Parameters<typeof attempt>[1]) => attempt(core, scenario))
  return compare(scenarios, traces, ours).differences.map(({ scenario }) => String(scenario.id))
}

async function detection(): Promise<ReadonlyArray<string>> {
  const { brokenLaws } = await import("../core/detection/laws.ts")
  return brokenLaws({ ...(await load("core/detection/Phi.ts")), ...(await load("core/detection/Detector.ts")) })
}

async function pacing(): Promise<ReadonlyArray<string>> {
  const { brokenPacing } = await import("../core/pacing/laws.ts")
  const [adaptive, { jitterOf }] = await Promise.all([load("core/pacing/Adaptive.ts"), load("core/pacing/Backoff.ts")])
  return brokenPacing({ ...core, ...adaptive, jitterOf })
}

async function watch(such: string): Promise<ReadonlyArray<string>> {
  const [{ load }, { brokenLaws }] = await Promise.all([import("../leaf/watch/Law.ts"), import("../leaf/watch/laws.ts")])
  return brokenLaws(await load(folder), new RegExp(such))
}

async function rehearsals(): Promise<ReadonlyArray<string>> {
  const { hunt } = await import("../sim/hunt.ts")
  return [...(await hunt(await load("testing.ts")))].map(([invariant, sentence]) => `${invariant}: ${sentence}`)
}

const ways: Record<string, (what: string) => ReadonlyArray<string> | Promise<ReadonlyArray<string>>> = {
  stories,
  properties: (runs) => properties(Number(runs)),
  pacing,
  otp,
  detection,
  watch,
  rehearsals
}
for (const order of orders) {
  const [, way = "", what = ""] = /^(\w+)=?(.*)$/.exec(order) ?? []
  console.log(JSON.stringify(await ways[way]!(what)))
}
