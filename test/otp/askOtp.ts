/** What OTP's `supervisor` does with these scenarios, one trace each. */
import { spawn, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Scenario } from "./scenario.ts"

// OTP's supervisor is read from its source, so the source must be there.
const source = 'filelib:is_regular(filename:join([code:lib_dir(stdlib), "src", "supervisor.erl"]))'

/** Is there an Erlang on this machine, with its source? */
export const isOtpThere = (): boolean =>
  spawnSync("erl", ["-noinput", "-eval", `case ${source} of true -> halt(0); false -> halt(1) end.`]).status === 0

export const needed = "OTP is not compared with here: it takes Erlang and its source, `apt-get install erlang-base erlang-dev erlang-src`."

/** Named, minimal scenarios of what is easy to get wrong. */
export const curated = (): ReadonlyArray<Scenario> =>
  readFileSync(new URL("oracle/curated.jsonl", import.meta.url), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))

export function askOtp(scenarios: ReadonlyArray<Scenario>): Promise<ReadonlyArray<object>> {
  return new Promise((resolve, reject) => {
    const oracle = spawn(fileURLToPath(new URL("oracle/run.sh", import.meta.url)), { stdio: ["pipe", "pipe", "inherit"] })
    const printed: Array<string> = []
    oracle.stdout.setEncoding("utf8").on("data", (text) => printed.push(text))
    oracle.on("error", reject)
    oracle.stdin.on("error", reject)
    oracle.on("close", (code) => {
      if (code !== 0) return reject(new Error(`the oracle ended with ${code}`))
      const lines = printed.join("").trim().split("\n")
      resolve(lines.map((line) => JSON.parse(line)))
    })
    oracle.stdin.end(scenarios.map((scenario) => `${JSON.stringify(scenario)}\n`).join(""))
  })
}
