/** Our core against OTP's own `supervisor`, on the same scenarios: in the OTP profile (see Driver.ts) it behaves the same, event for event. */
import { spawn, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import * as core from "../../src/core/Tree.ts"
import { compare, say } from "./compare.ts"
import { generate } from "./oracle/gen.ts"
import { attempt } from "./replay.ts"
import type { Scenario } from "./scenario.ts"

const seed = Number(process.env.SEED ?? 25)
const runs = Number(process.env.RUNS ?? 1000)

// OTP's supervisor is read from its source, so the source must be there.
const source = 'filelib:is_regular(filename:join([code:lib_dir(stdlib), "src", "supervisor.erl"]))'
const possible = spawnSync("erl", ["-noinput", "-eval", `case ${source} of true -> halt(0); false -> halt(1) end.`]).status === 0
const needed = "OTP is not compared with here: it takes Erlang and its source, `apt-get install erlang-base erlang-dev erlang-src`."
if (!possible && process.env.REQUIRE_ALL !== "1") console.log(needed)
const skipped = !possible && process.env.REQUIRE_ALL !== "1"

/** What OTP does: one trace a scenario. */
function askOtp(scenarios: ReadonlyArray<Scenario>): Promise<ReadonlyArray<object>> {
  return new Promise((resolve, reject) => {
    const oracle = spawn(fileURLToPath(new URL("oracle/run.sh", import.meta.url)), { stdio: ["pipe", "pipe", "inherit"] })
    let printed = ""
    oracle.stdout.setEncoding("utf8").on("data", (text) => (printed += text))
    oracle.on("error", reject)
    oracle.stdin.on("error", reject)
    oracle.on("close", (code) => {
      if (code === 0)
        resolve(
          printed
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line))
        )
      else reject(new Error(`the oracle ended with ${code}`))
    })
    oracle.stdin.end(scenarios.map((scenario) => `${JSON.stringify(scenario)}\n`).join(""))
  })
}

/** No difference; and not because nearly everything was left out. */
async function agrees(scenarios: ReadonlyArray<Scenario>): Promise<void> {
  expect(possible, needed).toBe(true)
  const oracle = await askOtp(scenarios)
  const summary = compare(
    scenarios,
    oracle,
    scenarios.map((scenario) => attempt(core, scenario))
  )
  console.log(say(summary, 3))
  expect(summary.differences.length).toBe(0)
  expect(summary.compared / summary.scenarios).toBeGreaterThan(0.6)
}

const curated = readFileSync(new URL("oracle/curated.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
it.skipIf(skipped)("agrees with OTP where it is easy to be wrong", () => agrees(curated.map((line) => JSON.parse(line))))

for (const mode of ["all", "retry", "plain"] as const) {
  const again = `SEED=${seed} RUNS=${runs} npx vitest run test/otp`
  it.skipIf(skipped)(`agrees with OTP in ${runs} random scenarios, ${mode} (${again})`, () => agrees(generate(runs, seed, mode)))
}
