/** Erlang: a process for each port. Closing a port ends no program, so stopping is not measured. */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { argument, type Contender, launch, needs } from "../contender.ts"

const release = 'io:format("~s", [erlang:system_info(otp_release)]), halt().'

export const erlang: Contender = {
  name: "erlang",
  title: "Erlang ports",
  missing: needs("erlc", "Erlang", "apt-get install erlang-base"),
  version: () => spawnSync("erl", ["-noinput", "-eval", release], { encoding: "utf8" }).stdout?.trim() || undefined,
  start: (job) => {
    const { folder, leaf } = job.workspace
    if (!existsSync(join(folder, "ports.beam"))) execFileSync("erlc", ["-o", folder, join(import.meta.dirname, "../programs/ports.erl")])
    return launch(job, "erl", ["-noinput", "-pa", folder, "-run", "ports", "main", String(job.leaves), leaf!, argument(job)])
  },
  stopSignal: null
}
