/** Each source of beats and each kind of check for real, in a process of its own that is left clean. */
import { execFile } from "node:child_process"
import { writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { promisify } from "node:util"
import type { HeartbeatSourceSpec, WorkerSpec } from "supervise"
import { expect, it } from "vitest"
import { temporaryFolder } from "../../runtime/processes.ts"
import { closedPort, listening, serving } from "../probe/checks.ts"
import { aWorker } from "./aWorker.ts"

it("beats come from every source, checks give results, and a stopped monitor leaves nothing", async () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, "there"), "")
  const [tcp, closed, web] = [
    await serving(() => undefined),
    await closedPort(),
    await listening(createServer((_, answer) => answer.end("well")))
  ]
  await serving(() => undefined, { path: join(cwd, "app.sock") })
  const url = `http://127.0.0.1:${web}/`
  const heartbeatFrom = (from: HeartbeatSourceSpec): Partial<WorkerSpec> => ({
    cwd,
    heartbeat: { every: "50ms", from, grace: "1 minute", hangAfter: "1 hour" }
  })
  const often = { interval: "50ms", failureThreshold: 1, onFailure: "report" } as const
  const cases: ReadonlyArray<readonly [Partial<WorkerSpec>, found: ReadonlyArray<string>]> = [
    [heartbeatFrom("fd"), ["ready"]],
    [heartbeatFrom({ type: "line", pattern: "tick" }), ["ready"]],
    [heartbeatFrom({ type: "file", path: "beat" }), ["ready"]],
    [heartbeatFrom({ type: "http", url }), ["ready"]],
    [heartbeatFrom({ type: "tcp", port: tcp }), ["ready"]],
    [heartbeatFrom({ type: "unix", path: "app.sock" }), ["ready"]],
    [heartbeatFrom({ type: "exec", command: ["true"], timeout: "20s" }), ["ready"]],
    [{ cwd, ready: { type: "file", path: "there", interval: "50ms" } }, ["ready"]],
    [{ cwd, health: { type: "tcp", port: tcp, ...often } }, ["ready", "healthy"]],
    [
      { cwd, health: { type: "tcp", port: closed, ...often } },
      ["ready", `its tcp check failed: connection refused by 127.0.0.1:${closed}`]
    ],
    [{ cwd, health: { type: "tcp", port: closed, ...often, onFailure: "restart" } }, ["ready", "Unhealthy"]],
    // In flight when the monitor is stopped.
    [{ ...heartbeatFrom("fd"), health: { type: "exec", command: ["sleep", "1000"], timeout: "1 hour" } }, ["ready"]]
  ]
  const program = join(import.meta.dirname, "../../fixtures/leaf/watching.ts")
  const workers = JSON.stringify(cases.map(([worker]) => aWorker(worker)))
  const { stdout } = await promisify(execFile)(process.execPath, [program, workers], { timeout: 50_000 })
  const reports = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  expect(reports.map(({ found }) => found)).toEqual(cases.map(([, found]) => found))
  for (const { before, after } of reports) expect(after).toEqual(before)
})
