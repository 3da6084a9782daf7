/**
 * Our core against OTP's `supervisor` on the same scenarios: in the OTP profile (see Driver.ts) both do the same, event
 * by event.
 */
import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import * as core from "../../src/core/Machine.ts"
import { askOtp, curated, isOtpThere, needed } from "./askOtp.ts"
import { compare, say } from "./compare.ts"
import { features, featuresOf } from "./features.ts"
import { reasons } from "./leftOut.ts"
import { generate } from "./oracle/gen.ts"
import { attempt } from "./replay.ts"
import type { Scenario } from "./scenario.ts"

const complete = process.env.REQUIRE_ALL === "1"
const seed = Number(process.env.SEED ?? 25)
/** Of each of the three kinds: more than ten thousand in all if everything is required. */
const runs = Number(process.env.RUNS ?? (complete ? 5000 : 1000))
/** With fewer, some features may be missing. */
const ENOUGH = 1000

const possible = isOtpThere()
if (!possible && !complete) console.log(needed)
const skipped = !possible && !complete

/**
 * No difference, and not because nearly everything was left out. Answers how many of the compared scenarios have each
 * feature.
 */
async function agrees(scenarios: ReadonlyArray<Scenario>): Promise<ReadonlyMap<string, number>> {
  expect(possible, needed).toBe(true)
  const oracle = await askOtp(scenarios)
  const ours = scenarios.map((scenario) => attempt(core, scenario))
  const summary = compare(scenarios, oracle, ours)
  const counts = new Map(features.map((feature) => [feature, 0]))
  for (const [n, trace] of ours.entries()) {
    if (!("boot" in trace)) continue
    for (const feature of featuresOf(scenarios[n]!, trace)) counts.set(feature, (counts.get(feature) ?? 0) + 1)
  }
  console.log(`${say(summary, 3)}\n  how many had ${[...counts].map(([feature, count]) => `${feature}: ${count}`).join("; ")}`)
  expect(summary.differences.length).toBe(0)
  expect(summary.compared / summary.scenarios).toBeGreaterThan(0.8)
  return counts
}

it.skipIf(skipped)("agrees with OTP in the curated scenarios", async () => void (await agrees(curated())))

/** In plain scenarios the clock does not move, and a retry is late only by chance. */
const missed: Readonly<Record<string, ReadonlyArray<string>>> = {
  plain: ["a restart that leaves the window", "a retry that comes too late"]
}

for (const mode of ["all", "retry", "plain"] as const) {
  const again = `SEED=${seed} RUNS=${runs} npx vitest run test/otp`
  it.skipIf(skipped)(`agrees with OTP in ${runs} random scenarios, ${mode} (${again})`, { timeout: 60_000 + runs * 20 }, async () => {
    const counts = await agrees(generate(runs, seed, mode))
    const missing = [...counts].filter(([feature, count]) => count === 0 && !missed[mode]?.includes(feature)).map(([feature]) => feature)
    if (runs >= ENOUGH) expect(missing).toEqual([])
  })
}

it("compares as many of the difficult ones as the README says", () => {
  const all = curated()
  const left = all.filter((scenario) => "left_out" in attempt(core, scenario)).length
  const readme = readFileSync(new URL("../../docs/semantics.md", import.meta.url), "utf8")
  expect(readme).toContain(
    `${all.length} difficult ones go through both. Of the difficult ones ${all.length - left} are compared and ${left} left out`
  )
})

it("leaves out what the README says, for the reasons it gives", () => {
  const readme = readFileSync(new URL("../../docs/semantics.md", import.meta.url), "utf8")
  const rows = [...readme.matchAll(/^\| `([^`|]+)` +\| (.+?) +\|$/gm)].map(([, name = "", why = ""]) => [name, why.replaceAll("`", "")])
  expect(rows.filter(([name]) => name! in reasons)).toEqual(Object.entries(reasons))
})
