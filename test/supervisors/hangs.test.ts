/** Each shipped tree finds in its own way that one of its programs hangs, stops it, and goes on. */
import { cpSync } from "node:fs"
import { join, resolve } from "node:path"
import { expect, it } from "vitest"
import { supervise } from "../runtime/command.ts"
import { pidOf, signal, temporaryFolder } from "../runtime/processes.ts"

const often = "200"
const hung = { _tag: "Hung", evidence: expect.stringMatching(/^it is stopped \(state T\)$/) }
const unhealthy = (probe: string, because: string) => ({ _tag: "Unhealthy", probe, failures: 3, because })

it.each([
  ["mister-smith", "/RootSupervisor", "/WorkerPoolSupervisor/2", {}, hung],
  ["devloop", "/devloop", "/daemon", { DEVLOOP_BEAT_MS: often }, hung],
  ["goxel", "/goxel", "/daemon", { GOXEL_HEALTH_MS: often }, unhealthy("unix", "did not answer within 2s")],
  ["rbee", "/rbee", "/QueenSupervisor/queen", { RBEE_HEALTH_MS: often }, unhealthy("http", "did not answer within 2s")],
  ["graphium", "/graphium", "/agents/south", { GRAPHIUM_HEALTH_MS: often, GRAPHIUM_LEASE_MS: "1000" }, unhealthy("http", "answered 503")]
])("%s: what hangs is found, stopped and started again", async (name, root, below, env, exit) => {
  const folder = join(temporaryFolder(), name)
  cpSync(resolve(import.meta.dirname, "../../supervisors", name), folder, {
    recursive: true,
    filter: (path) => !path.includes(".supervise")
  })
  const running = supervise(["--tier", "test", join(folder, "tree.ts")], { env: { ...process.env, ...env } })
  await running.event("Started", root)
  const path = root + below
  const pid = pidOf(path)
  expect(signal(pid, "SIGSTOP")).toBe(true)
  await running.event("Convicted", path)
  const from = running.events.length
  const exited = await running.event("Exited", path)
  expect(exited.exit).toMatchObject(exit)
  await running.event("Started", path, undefined, from)
  expect(pidOf(path)).not.toBe(pid)
  running.kill("SIGTERM")
  expect(await running.code).toBe(0)
})
