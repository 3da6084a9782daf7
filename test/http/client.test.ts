/** `supervise/client` and the bare HTTP below it, against a tree that another program has embedded. */
import { request } from "node:http"
import { join } from "node:path"
import { pool, Refused, start, type TreeEvent } from "supervise"
import { attach, NothingRunning } from "supervise/client"
import { expect, it } from "vitest"
import { living, pidOf, rootPath, signal, temporaryFolder } from "../runtime/processes.ts"
import { at, root, sleeper } from "../runtime/tree.ts"

const spec = () => root([sleeper("a"), pool({ id: "jobs", size: 1, child: sleeper("job") })])

it("answers like the tree itself, and leaves it running", async () => {
  const state = join(temporaryFolder(), "state")
  await using tree = await start(spec(), { state })
  const remote = await attach(state)
  expect([remote.root, remote.pid]).toEqual([rootPath, process.pid])
  const { root: mine } = tree.snapshot()
  expect((await remote.snapshot()).root).toEqual(mine)

  expect(await remote.restart(at("a"))).toEqual({ path: at("a"), incarnation: 2 })
  await remote.stop(at("a"))
  expect(living(at("a"))).toEqual([])
  expect(await remote.start(at("a"))).toEqual({ path: at("a"), incarnation: 3 })
  await remote.scale(at("jobs"), 2)
  await remote.signal(at("a"), "SIGCONT")

  const refusal = await remote.restart(at("b")).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(Refused)
  expect(refusal).toMatchObject({ why: { _tag: "NotFound", path: at("b") }, message: `There is no ${at("b")} in this tree.` })
  await remote[Symbol.asyncDispose]()
  expect(tree.snapshot().root.phase).toBe("up")
})

it("tells what happens until the tree has ended, each event as it was", async () => {
  const state = join(temporaryFolder(), "state")
  const tree = await start(spec(), { state })
  await using remote = await attach(state)
  const [here, there]: [Array<TreeEvent>, Array<TreeEvent>] = [[], []]
  const collect = async (from: AsyncIterable<TreeEvent>, to: Array<TreeEvent>): Promise<void> => {
    for await (const event of from) to.push(event)
  }
  const first = remote.events()[Symbol.asyncIterator]()
  there.push((await first.next()).value as TreeEvent)
  const both = [collect(tree.events(), here), collect({ [Symbol.asyncIterator]: () => first }, there)]
  signal(pidOf(at("a")), "SIGKILL")
  await remote.stop()
  await Promise.all(both)
  expect(there.map(({ seq }) => seq)).toEqual(there.map((_, i) => i + 1))
  expect(there.slice(-here.length)).toEqual(here)
  expect(here.map(({ _tag }) => _tag)).toContain("Exited")
  expect((await tree.ended).exit).toEqual({ _tag: "Shutdown" })
})

it("finds nothing once the tree is down, and says so", async () => {
  const state = join(temporaryFolder(), "state")
  const tree = await start(spec(), { state })
  const remote = await attach(state)
  await tree.stop()
  await expect(remote.restart(at("a"))).rejects.toThrow()
  await expect(attach(state)).rejects.toBeInstanceOf(NothingRunning)
  await remote[Symbol.asyncDispose]()
})

it("rejects where the state directory is taken, and starts nothing", async () => {
  const state = join(temporaryFolder(), "state")
  await using _tree = await start(spec(), { state })
  const before = living().length
  await expect(start(root([sleeper("other")]), { state })).rejects.toMatchObject({ _tag: "AlreadyRunning", pid: process.pid })
  expect(living().length).toBe(before)
})

it("answers a bad request with what is wrong with it, and goes on", async () => {
  const state = join(temporaryFolder(), "state")
  await using tree = await start(spec(), { state })
  const ask = (method: string, path: string, body?: string) => bare(join(state, "control.sock"), method, path, body)
  expect(await ask("POST", "/v1/stop", "{")).toMatchObject({ status: 400 })
  expect(await ask("POST", "/v1/stop", '{"path":7}')).toMatchObject({ status: 400, body: { errors: [{ path: ["payload", "path"] }] } })
  expect(await ask("POST", "/v1/scale", JSON.stringify({ path: at("jobs"), size: "all" }))).toMatchObject({ status: 400 })
  expect(await ask("POST", "/v1/stop", '{"path":"/nowhere"}')).toMatchObject({
    status: 404,
    body: { _tag: "Refused", why: { _tag: "NotFound" }, message: "There is no /nowhere in this tree." }
  })
  expect(await ask("POST", "/v1/start", JSON.stringify({ path: at("a") }))).toMatchObject({
    status: 409,
    body: { why: { _tag: "AlreadyStarted" } }
  })
  expect(await ask("GET", "/v1/nothing")).toMatchObject({ status: 404 })
  expect(await ask("POST", "/v1/stop", `{"path":"${"x".repeat(20_000_000)}"}`)).toMatchObject({ status: 413 })
  expect(await ask("GET", "/openapi.json")).toMatchObject({ status: 200, body: { info: { title: "supervise" } } })
  expect(tree.snapshot().root.phase).toBe("up")
})

/** One request as curl would send it. */
const bare = (socketPath: string, method: string, path: string, body?: string): Promise<{ status: number; body: unknown }> =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" }
    const sent = request({ socketPath, method, path, headers }, async (response) => {
      let text = ""
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode!, body: text === "" ? undefined : JSON.parse(text) })
    })
    sent.on("error", reject)
    sent.end(body)
  })
