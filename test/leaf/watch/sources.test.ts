/** Each source of beats and each kind of look for real, in a process of its own; and when it is over nothing of it is left. */
import { execFile } from "node:child_process"
import { writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { promisify } from "node:util"
import type { HeartbeatSourceSpec, WorkerSpec } from "supervise"
import { expect, it } from "vitest"
import { temporaryFolder } from "../../runtime/processes.ts"
import { listening, nobodysPort, serving } from "../probe/asking.ts"
import { aWorker } from "./aWorker.ts"

it("beats come from everywhere, checks are answered, and stopped it has left nothing", async () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, "there"), "")
  const [tcp, nobody, web] = [
    await serving(() => undefined),
    await nobodysPort(),
    await listening(createServer((_, answer) => answer.end("well")))
  ]
  await serving(() => undefined, { path: join(cwd, "app.sock") })
  const url = `http://127.0.0.1:${web}/`
  const beating = (from: HeartbeatSourceSpec): Partial<WorkerSpec> => ({
    cwd,
    heartbeat: { every: "50ms", from, grace: "1 minute", hangAfter: "1 hour" }
  })
  const often = { interval: "50ms", failureThreshold: 1, onFailure: "report" } as const
  const cases: ReadonlyArray<readonly [Partial<WorkerSpec>, found: ReadonlyArray<string>]> = [
    [beating("fd"), ["ready"]],
    [beating({ type: "line", pattern: "tick" }), ["ready"]],
    [beating({ type: "file", path: "beat" }), ["ready"]],
    [beating({ type: "http", url }), ["ready"]],
    [beating({ type: "tcp", port: tcp }), ["ready"]],
    [beating({ type: "unix", path: "app.sock" }), ["ready"]],
    [beating({ type: "exec", command: ["true"], timeout: "20s" }), ["ready"]],
    [{ cwd, ready: { type: "file", path: "there", interval: "50ms" } }, ["ready"]],
    [{ cwd, health: { type: "tcp", port: tcp, ...often } }, ["ready", "healthy"]],
    [
      { cwd, health: { type: "tcp", port: nobody, ...often } },
      ["ready", `its tcp check failed: connection refused by 127.0.0.1:${nobody}`]
    ],
    [{ cwd, health: { type: "tcp", port: nobody, ...often, onFailure: "restart" } }, ["ready", "Unhealthy"]],
    // In flight when it is stopped.
    [{ ...beating("fd"), health: { type: "exec", command: ["sleep", "1000"], timeout: "1 hour" } }, ["ready"]]
  ]
  const program = join(import.meta.dirname, "../../fixtures/leaf/watching.ts")
  const workers = JSON.stringify(cases.map(([worker]) => aWorker(worker)))
  const { stdout } = await promisify(execFile)(process.execPath, [program, workers], { timeout: 50_000 })
  const told = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  expect(told.map(({ found }) => found)).toEqual(cases.map(([, found]) => found))
  for (const { before, after } of told) expect(after).toEqual(before)
})
