/** The example service, with a real client. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, expect, it } from "vitest"
import { supervise } from "../runtime/command.ts"
import { eventually, isAlive, signal, temporaryFolder } from "../runtime/processes.ts"

const program = fileURLToPath(new URL("../../examples/orchestrator/main.ts", import.meta.url))
let service: ChildProcess
let url = ""
let state = ""

beforeEach(async () => {
  state = join(temporaryFolder(), "state")
  service = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ORCHESTRATOR_STATE: state } })
  const [line] = await once(createInterface({ input: service.stdout! }), "line")
  url = String(line).replace("listening on ", "")
})
afterEach(async () => {
  if (service.exitCode !== null || service.signalCode !== null) return
  service.kill("SIGTERM")
  await once(service, "exit")
})

interface Leaf {
  readonly path: string
  readonly phase: string
  readonly pid: number
  readonly incarnation: number
}
const ask = async (method: string, path: string): Promise<[number, unknown]> => {
  const response = await fetch(url + path, { method })
  return [response.status, await response.json()]
}
const leaves = async () => (await ask("GET", "/health"))[1] as ReadonlyArray<Leaf>

it("starts a subtree per tenant, removes it, and stops everything when it stops", async () => {
  expect(await ask("GET", "/health")).toEqual([200, []])
  expect(await ask("PUT", "/tenants/acme")).toEqual([201, { path: "/orchestrator/tenants/acme", incarnation: 1 }])
  expect((await ask("PUT", "/tenants/globex"))[0]).toBe(201)
  const all = await leaves()
  expect(all.map(({ path }) => path.replace("/orchestrator/tenants/", ""))).toEqual([
    "acme/cache",
    "acme/web",
    "globex/cache",
    "globex/web"
  ])
  expect((await ask("DELETE", "/tenants/acme"))[0]).toBe(200)
  expect(all.map(({ pid }) => isAlive(pid))).toEqual([false, false, true, true])
  service.kill("SIGTERM")
  expect(await once(service, "exit")).toEqual([0, null])
  expect(all.some(({ pid }) => isAlive(pid))).toBe(false)
})

it("heals a tenant's subtree by its strategy, and reports its state", async () => {
  await ask("PUT", "/tenants/acme")
  const [cache] = await leaves()
  expect(signal(cache!.pid, "SIGKILL")).toBe(true)
  const healed = await eventually("both are in their second incarnation", async () => {
    const all = await leaves()
    return all.every(({ incarnation, phase }) => incarnation === 2 && phase === "up") && all
  })
  expect(healed.map(({ path }) => path)).toEqual(["/orchestrator/tenants/acme/cache", "/orchestrator/tenants/acme/web"])
  expect((await ask("GET", "/health"))[0]).toBe(200)
})

it("answers invalid requests with the tree's own sentence", async () => {
  await ask("PUT", "/tenants/acme")
  expect(await ask("PUT", "/tenants/acme")).toEqual([409, { error: "/orchestrator/tenants/acme runs already, as incarnation 1." }])
  expect(await ask("DELETE", "/tenants/mail")).toEqual([404, { error: "There is no /orchestrator/tenants/mail in this tree." }])
  const [status, body] = await ask("PUT", "/tenants/4711")
  expect([status, (body as { error: string }).error]).toEqual([400, expect.stringContaining('found "4711"')])
  expect((await ask("GET", "/nowhere"))[0]).toBe(404)
})

it("shows its tree to a second terminal, and ends when stopped from there", async () => {
  await ask("PUT", "/tenants/acme")
  const ps = supervise(["ps", "tenants/acme", "--json", "--state", state])
  expect(await ps.code).toBe(0)
  const shown = (JSON.parse(ps.stdout) as ReadonlyArray<Leaf>).flatMap(({ path, pid }) => (pid === undefined ? [] : [{ path, pid }]))
  expect(shown).toEqual((await leaves()).map(({ path, pid }) => ({ path, pid })))
  const stop = supervise(["stop", "--state", state])
  expect(await Promise.all([stop.code, once(service, "exit")])).toEqual([0, [0, null]])
  expect(stop.stdout).toBe("/orchestrator is down.\n")
  expect(shown.some(({ pid }) => isAlive(pid))).toBe(false)
})
