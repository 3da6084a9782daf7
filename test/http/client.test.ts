/** `supervise/client`, and plain HTTP, against a tree that another program has embedded. */
import { request } from "node:http"
import { connect } from "node:net"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { line, pool, Refused, start, supervisor, type TreeEvent } from "supervise"
import { attach, Detached, InvalidRequest, NotRunning } from "supervise/client"
import { expect, it } from "vitest"
import type { Connection } from "../../src/http/connect.ts"
import { shutdown } from "../../src/http/requests.ts"
import { eventually, living, pidOf, rootPath, signal, temporaryFolder } from "../runtime/processes.ts"
import { at, root, shell, sleeper } from "../runtime/tree.ts"

const spec = () => root([sleeper("a"), pool({ id: "jobs", size: 1, child: sleeper("job") })])

it("answers like the tree itself, and leaves it running", async () => {
  const state = join(temporaryFolder(), "state")
  await using tree = await start(spec(), { state })
  const remote = await attach(state)
  expect([remote.root, remote.pid]).toEqual([rootPath, process.pid])
  const { root: mine } = await tree.snapshot()
  expect((await remote.snapshot()).root).toEqual(mine)
  expect((await remote.usage()).map(({ path }) => path)).toEqual([at("a"), at("jobs", "1")])
  expect((await remote.usage())[0]).toMatchObject({ leader: { openFiles: expect.any(Number) }, group: { processes: 1 } })

  expect(await remote.restart(at("a"))).toEqual({ path: at("a"), incarnation: 2 })
  await remote.stop(at("a"))
  expect(living(at("a"))).toEqual([])
  expect(await remote.start(at("a"))).toEqual({ path: at("a"), incarnation: 3 })
  await remote.scale(at("jobs"), 2)
  await remote.signal(at("a"), "SIGCONT")

  expect(await remote.restart("a")).toEqual({ path: at("a"), incarnation: 4 })
  expect((await remote.why("jobs/1")).path).toBe(at("jobs", "1"))

  const refusal = await remote.restart(at("b")).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(Refused)
  expect(refusal).toMatchObject({ why: { _tag: "NotFound", path: at("b") }, message: `There is no ${at("b")} in this tree.` })
  await remote[Symbol.asyncDispose]()
  expect((await tree.snapshot()).root.phase).toBe("up")
})

it("explains a node as the tree itself does: with what was set, and without a line, because there is no file", async () => {
  const state = join(temporaryFolder(), "state")
  await using tree = await start(spec(), { state })
  await using remote = await attach(state)
  signal(pidOf(at("a")), "SIGKILL")
  await eventually("it is up again", () => living(at("a")).some(({ incarnation }) => incarnation === 2))
  await eventually("both say the same", async () => (await remote.why(at("a"))).node?.phase === "up")
  const [there, here] = [await remote.why(at("a")), await tree.why(at("a"))]
  expect(there.decisions).toEqual(here.decisions)
  const [{ at: time, decision } = {}] = there.decisions as [(typeof there.decisions)[number]]
  expect(Math.abs(Date.now() - time!)).toBeLessThan(60_000)
  expect(decision).toMatchObject({ path: at("a"), outcome: { _tag: "Restart" }, window: { count: 1 }, next: { attempt: 1 } })
  expect(decision?.rules).toEqual([
    { path: at("a"), key: "restart", value: "permanent", text: '"permanent"', byDefault: true },
    { path: rootPath, key: "strategy", value: "OneForOne", text: "OneForOne", byDefault: true },
    { path: rootPath, key: "intensity", value: { intensity: 1000, period: 30_000 }, text: "1000 in 30s", byDefault: false },
    expect.objectContaining({ path: at("a"), key: "backoff", text: "constant 10ms", byDefault: false })
  ])
  for (const asked of [remote, tree]) {
    expect((await asked.why(at("jobs"))).decisions).toEqual([])
    await expect(asked.why(at("b"))).rejects.toThrow(`There is no ${at("b")} in this tree.`)
  }
  await expect(remote.why(at("a"), { last: 0 })).rejects.toThrow(InvalidRequest)
})

it("delivers every event until the tree has ended, unchanged", async () => {
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
  await eventually("its exit is delivered", () => here.some(({ _tag }) => _tag === "Exited"))
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
  const gone = `Nothing runs with the state directory ${state}: its supervisor has ended.`
  const following = remote.events()[Symbol.asyncIterator]().next()
  for (const asked of [remote.restart(at("a")), remote.snapshot(), remote.stop(), following]) {
    const error = await Promise.resolve(asked).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(NotRunning)
    expect((error as Error).message).toBe(gone)
  }
  await expect(attach(state)).rejects.toThrow(`Nothing runs with the state directory ${state}: there is no control socket in it.`)
  await remote[Symbol.asyncDispose]()
})

it("rejects an invalid request with a sentence, and nothing is done", async () => {
  const state = join(temporaryFolder(), "state")
  await using tree = await start(spec(), { state })
  await using remote = await attach(state)
  const cases: ReadonlyArray<readonly [() => Promise<unknown>, string]> = [
    [() => remote.restart(7 as never), 'Expected string at ["path"]'],
    [() => remote.stop(null as never), 'Expected string at ["path"]'],
    [() => remote.scale(at("jobs"), "2" as never), 'Expected number at ["size"]'],
    [() => remote.scale(at("jobs"), 1.5), 'Expected an integer at ["size"]'],
    [() => remote.restart("x".repeat(2 ** 20)), "a request has at most 1 MiB"]
  ]
  const before = (await tree.snapshot()).root
  for (const [order, because] of cases) {
    const error = await order().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(InvalidRequest)
    expect((error as Error).message).toBe(`This does not fit the control API: ${because}.`)
  }
  expect((await tree.snapshot()).root).toEqual(before)
  await expect(remote.signal(at("a"), "SIGNIFICANT")).rejects.toThrow(`${at("a")} was not sent SIGNIFICANT: there is no such signal.`)
})

it("sends a signal to a worker's process, or to its whole group", async () => {
  const state = join(temporaryFolder(), "state")
  const script =
    "trap 'echo leader' USR1; sh -c \"trap 'echo member' USR1; echo ready; while :; do sleep 0.05; done\" & while :; do wait; done"
  await using _tree = await start(root([shell("a", script, { ready: line("ready") })]), { state })
  await using remote = await attach(state)
  const lines = remote.events({ output: true })[Symbol.asyncIterator]()
  const heard = async (count: number): Promise<ReadonlyArray<string>> => {
    const texts: Array<string> = []
    while (texts.length < count) {
      const { value } = await lines.next()
      if (value._tag === "Line" && /^(leader|member)$/.test(value.text)) texts.push(value.text)
    }
    return texts.toSorted()
  }
  await lines.next()
  await remote.signal(at("a"), "SIGUSR1")
  expect(await heard(1)).toEqual(["leader"])
  await remote.signal(at("a"), "SIGUSR1", "group")
  expect(await heard(2)).toEqual(["leader", "member"])
})

it("does not report the tree as stopped when its supervisor breaks off before it has sent anything", async () => {
  const directory = temporaryFolder()
  const client = { events: () => Effect.succeed(Stream.empty), shutdown: () => Effect.void }
  const connection = { directory, client, hello: Effect.never } as unknown as Connection
  const error = await Effect.runPromise(Effect.flip(shutdown(connection)))
  expect(error).toBeInstanceOf(NotRunning)
  expect(error.message).toContain("its supervisor ended before the tree was down; its processes may still run")
})

it("can be disposed of: pending requests reject, followers finish, and nothing more can be requested", async () => {
  const state = join(temporaryFolder(), "state")
  const stubborn = shell("stubborn", "trap '' TERM; echo ready; while :; do sleep 0.05; done", {
    ready: line("ready"),
    shutdown: "infinity"
  })
  await using tree = await start(root([stubborn]), { state })
  const remote = await attach(state)
  const follower = remote.events()[Symbol.asyncIterator]()
  const pending = remote.stop(at("stubborn")).catch((error: unknown) => error)
  for (;;) {
    const { value } = await follower.next()
    if (value._tag === "Stopping") break
  }
  await remote[Symbol.asyncDispose]()
  const sentence = `No longer attached to ${rootPath}; attach again.`
  expect(await pending).toBeInstanceOf(Detached)
  for (;;) if ((await follower.next()).done) break
  for (const asked of [remote.snapshot(), remote.stop(), remote.restart(at("stubborn"))]) await expect(asked).rejects.toThrow(sentence)
  await expect(remote.events()[Symbol.asyncIterator]().next()).rejects.toThrow(sentence)
  await remote[Symbol.asyncDispose]()
  await tree.kill()
})

it("rejects when the state directory is taken, and starts nothing", async () => {
  const state = join(temporaryFolder(), "state")
  await using _tree = await start(spec(), { state })
  const before = living().length
  await expect(start(root([sleeper("other")]), { state })).rejects.toMatchObject({ _tag: "AlreadyRunning", pid: process.pid })
  expect(living().length).toBe(before)
})

it("refuses a name that several paths end in with a problem document, a client and the tree itself with its sentence", async () => {
  const state = join(temporaryFolder(), "state")
  const twin = (id: string) => supervisor({ id, children: [sleeper("twin")] })
  await using tree = await start(root([twin("left"), twin("right")]), { state })
  await using remote = await attach(state)
  const detail = `twin may be ${at("left", "twin")} or ${at("right", "twin")}. Write more of its path.`
  expect(await bare(join(state, "control.sock"), "POST", "/v1/stop", '{"path":"twin"}')).toMatchObject({
    status: 404,
    type: "application/problem+json",
    body: { type: "about:blank", status: 404, detail, why: { _tag: "Ambiguous" }, message: detail }
  })
  const named = [tree, remote].flatMap((one) => [one.stop("twin"), one.start("twin"), one.restart("twin"), one.why("twin")])
  const both = [tree, remote].flatMap((one) => [one.signal("twin", "SIGCONT"), one.scale("twin", 1)])
  const own = [tree.startChild("twin", sleeper("c")), tree.startInstance("twin"), tree.terminateChild("twin"), tree.deleteChild("twin")]
  const rest = [tree.restartChild("twin"), tree.getChildSpec("twin"), tree.whichChildren("twin"), tree.countChildren("twin")]
  await Promise.all([...named, ...both, ...own, ...rest].map((refused) => expect(refused).rejects.toThrow(detail)))
  expect(await tree.startChild("left", sleeper("third"))).toEqual({ path: at("left", "third"), incarnation: 1 })
})

it("answers a bad request with what is wrong with it, and goes on", async () => {
  const state = join(temporaryFolder(), "state")
  await using tree = await start(spec(), { state })
  const ask = (method: string, path: string, body?: string, type?: string) => bare(join(state, "control.sock"), method, path, body, type)
  const problem = (status: number, more: object) => ({ status, type: "application/problem+json", body: { status, ...more } })
  const wrong = (path: ReadonlyArray<string>, message: string) => problem(400, { errors: [{ path, message }] })
  const order = (more: object) => JSON.stringify({ path: at("jobs"), ...more })
  expect(await ask("POST", "/v1/stop", "{")).toMatchObject(wrong(["payload"], "Expected a valid JSON body"))
  expect(await ask("POST", "/v1/stop", order({ path: 7 }))).toMatchObject(wrong(["payload", "path"], "Expected string"))
  expect(await ask("POST", "/v1/scale", order({ size: "all" }))).toMatchObject(wrong(["payload", "size"], "Expected number"))
  expect(await ask("POST", "/v1/scale", order({ size: 1.5 }))).toMatchObject(wrong(["payload", "size"], "Expected an integer"))
  expect(await ask("POST", "/v1/stop", order({ pth: 1 }))).toMatchObject(wrong(["payload", "pth"], "Expected no excess property"))
  expect(await ask("GET", "/v1/events?folow=true")).toMatchObject(wrong(["query", "folow"], "Expected no excess property"))
  expect(await ask("POST", "/v1/scale", order({ size: -1 }))).toMatchObject({
    status: 409,
    body: { message: `${at("jobs")} cannot have -1 instances: it takes a whole number, 0 or more.` }
  })
  expect(await ask("POST", "/v1/scale", order({ size: 1e9 }))).toMatchObject({
    status: 409,
    body: { message: `${at("jobs")} may have at most 10000 instances.` }
  })
  expect(await ask("POST", "/v1/stop", '{"path":"/nowhere"}')).toMatchObject({
    status: 404,
    body: { _tag: "Refused", why: { _tag: "NotFound" }, message: "There is no /nowhere in this tree." }
  })
  expect(await ask("POST", "/v1/start", JSON.stringify({ path: "a" }))).toMatchObject({
    status: 409,
    type: "application/problem+json",
    body: { type: "about:blank", status: 409, detail: `${at("a")} runs already, as incarnation 1.`, why: { _tag: "AlreadyStarted" } }
  })
  const nowhere = (request: string) => problem(404, { detail: `There is no ${request}. GET /openapi.json lists what there is.` })
  expect(await ask("GET", "/v1/nothing")).toMatchObject(nowhere("GET /v1/nothing"))
  expect(await ask("GET", "/v1/stop")).toMatchObject(nowhere("GET /v1/stop"))
  expect(await ask("POST", "/v1/stop", order({ path: "x".repeat(20_000_000) }))).toMatchObject(
    problem(413, { detail: "A request has at most 1 MiB." })
  )
  expect(await ask("POST", "/v1/stop", "path=x", "application/x-www-form-urlencoded")).toMatchObject(
    problem(415, { detail: "Requests are JSON: their content-type is application/json." })
  )
  expect(await ask("GET", "/openapi.json")).toMatchObject({ status: 200, body: { info: { title: "supervise" } } })
  expect((await tree.snapshot()).root.phase).toBe("up")
})

it("closes a connection without a complete request, and no other", async () => {
  const state = join(temporaryFolder(), "state")
  await using tree = await start(spec(), { state })
  await using remote = await attach(state)
  const follower = remote.events()[Symbol.asyncIterator]()
  await follower.next()
  const half = ["", "GET /v1/ HT", "POST /v1/stop HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"]
  const answers = half.map(async (words) => {
    const socket = connect(join(state, "control.sock"))
    socket.write(words)
    let answer = ""
    for await (const chunk of socket) answer += chunk
    return answer
  })
  const timeout = /^HTTP\/1\.1 408 Request Timeout\r\n/
  for (const answer of answers) expect(await answer).toMatch(timeout)
  await tree.restart(at("a"))
  for (;;) {
    const { value } = await follower.next()
    if (value._tag === "Started" && value.path === at("a") && value.incarnation === 2) break
  }
})

/** One request, as curl would send it. */
const bare = (
  socketPath: string,
  method: string,
  path: string,
  body?: string,
  type = "application/json"
): Promise<{ status: number; type: string | undefined; body: unknown }> =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": type }
    const sent = request({ socketPath, method, path, headers }, async (response) => {
      let text = ""
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode!, type: response.headers["content-type"], body: text === "" ? undefined : JSON.parse(text) })
    })
    sent.on("error", reject)
    sent.end(body)
  })
