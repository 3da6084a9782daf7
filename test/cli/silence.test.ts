/** Supervisors that do not answer, ended or never ran: how commands notice, and their exit codes. */
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { attach } from "supervise/client"
import { expect, it } from "vitest"
import { bin, Running, supervise, treeFile } from "../runtime/command.ts"
import { breakers, eventually, living, pidOf, rootPath, signal, temporaryFolder } from "../runtime/processes.ts"
import { at, root, shell, sleeper } from "../runtime/tree.ts"

/** Prints that it received the stop signal, and does not stop. */
const deaf = () => shell("deaf", "trap 'echo heard' TERM; echo ready; while :; do sleep 0.05; done", { shutdown: "infinity" })

interface Tree {
  readonly running: Running
  readonly state: string
}

const up = async (folder = temporaryFolder(), spec = root([sleeper("a")]), flags: ReadonlyArray<string> = []): Promise<Tree> => {
  const running = supervise([...flags, treeFile(spec, folder)])
  await running.event("Started", rootPath)
  return { running, state: join(folder, ".supervise") }
}
const verb = (tree: Tree, ...args: ReadonlyArray<string>): Running => supervise([...args, "--state", tree.state])
const result = async (one: Running): Promise<readonly [number | null, string]> => [await one.code, one.stderr]
const end = async ({ running }: Tree): Promise<void> => {
  running.kill("SIGTERM")
  expect(await running.code).toBe(0)
}
/** Kills the supervisor, and every process that it or earlier ones left behind. */
const crash = async ({ running }: Tree): Promise<void> => {
  const left = living().filter(({ path }) => path !== undefined)
  running.kill("SIGKILL")
  await running.ended
  for (const { pid } of left) signal(pid, "SIGKILL")
}
const notAnswering = ({ running, state }: Tree, because: string): readonly [number, string] => [
  76,
  `${state}'s supervisor (pid ${running.pid}) runs but does not answer: ${because}.\n`
]
const SILENT = "it has not answered for 5 seconds, and may be stopped"

// ---------------------------------------------------------------- gone

it("does not report a tree as down when its supervisor was killed while stopping it", async () => {
  const tree = await up(temporaryFolder(), root([deaf()]))
  const stop = verb(tree, "stop")
  await tree.running.event("Line", at("deaf"), ({ text }) => text === "heard")
  await crash(tree)
  const gone = "its supervisor ended before the tree was down; its processes may still run"
  expect(await result(stop)).toEqual([69, `Nothing runs with the state directory ${tree.state}: ${gone}.\n`])
  expect(stop.stdout).toBe("")
})

it("reports to a follower that the supervisor is gone, rather than unresponsive", async () => {
  const tree = await up()
  const follower = verb(tree, "events", "-f")
  await follower.says(/ up/)
  await crash(tree)
  const gone = "its supervisor has ended"
  expect(await result(follower)).toEqual([69, `Nothing runs with the state directory ${tree.state}: ${gone}.\n`])
})

it("names surviving processes when it starts again after kill -9, and goes on", async () => {
  const folder = temporaryFolder()
  // With the keeper none survives.
  const first = await up(folder, undefined, ["--spawner", "node"])
  // Another tree with the same names, whose supervisor runs: nothing to warn of.
  const twin = await up()
  const [orphan] = living(at("a")).filter(({ pid }) => parentOf(pid) === first.running.pid)
  first.running.kill("SIGKILL")
  await first.running.ended
  const named =
    "An earlier supervisor ended without ending its processes. These still run, and nothing supervises them: " +
    `${at("a")} (pid ${orphan!.pid}). To end them: supervise doctor --kill --state ${first.state}\n`
  expect(await result(verb(first, "ps"))).toEqual([
    69,
    `${named}Nothing runs with the state directory ${first.state}: its supervisor has crashed.\n`
  ])
  // At every start, for as long as they run.
  for (let starts = 0; starts < 2; starts++) {
    const second = await up(folder)
    expect(second.running.complaints).toBe(named)
    expect(await result(verb(second, "ps"))).toEqual([0, named])
    expect(await result(verb(second, "stop"))).toEqual([0, named])
    expect(await second.running.code).toBe(0)
  }
  expect(await result(verb(twin, "ps"))).toEqual([0, ""])
  signal(orphan!.pid, "SIGKILL")
  const third = await up(folder)
  expect(third.running.complaints).toBe("")
  await end(third)
  await end(twin)
})

// ---------------------------------------------------------------- there, and silent

it("reports a stopped supervisor as unresponsive, whatever the command", async () => {
  const folder = temporaryFolder()
  const tree = await up(folder)
  tree.running.kill("SIGSTOP")
  const attached = attach(tree.state).catch((error: unknown) => error)
  const other = supervise([treeFile(root([sleeper("b")]), folder)])
  const all = [verb(tree, "ps"), verb(tree, "stop"), verb(tree, "events"), verb(tree, "restart", "a")]
  for (const one of all) expect(await result(one)).toEqual(notAnswering(tree, SILENT))
  expect(await attached).toMatchObject({ _tag: "Unresponsive", pid: tree.running.pid })
  expect(await other.code).toBe(73)
  tree.running.kill("SIGCONT")
  await end(tree)
})

it("does not wait for a supervisor that is stopped while it carries out the command", async () => {
  const stopped = async (...args: ReadonlyArray<string>): Promise<Tree> => {
    const tree = await up(temporaryFolder(), root([deaf()]))
    const command = verb(tree, ...args)
    await tree.running.event("Line", at("deaf"), ({ text }) => text === "heard")
    const remote = await attach(tree.state)
    tree.running.kill("SIGSTOP")
    await expect(remote.snapshot()).rejects.toMatchObject({ _tag: "Unresponsive", because: SILENT })
    await remote[Symbol.asyncDispose]()
    expect(await result(command)).toEqual(notAnswering(tree, SILENT))
    return tree
  }
  const trees = await Promise.all([stopped("restart", "deaf"), stopped("stop", "deaf"), stopped("stop")])
  for (const tree of trees) await crash(tree)
})

it("follows a supervisor that is stopped for a while, and goes on with it", async () => {
  const tree = await up()
  const follower = verb(tree, "events", "-f", "--json")
  await follower.event("Started", rootPath)
  tree.running.kill("SIGSTOP")
  // The second starts when anything that had waited as long as the first would have given up.
  for (const ps of ["first", "second"]) expect(await result(verb(tree, "ps")), ps).toEqual(notAnswering(tree, SILENT))
  tree.running.kill("SIGCONT")
  signal(pidOf(at("a")), "SIGKILL")
  await follower.event("Started", at("a"), ({ incarnation }) => incarnation === 2)
  await end(tree)
  expect(await follower.code).toBe(0)
})

it("distinguishes a removed socket from a tree that does not run", async () => {
  const tree = await up()
  tree.running.kill("SIGSTOP") // it would make the socket again
  rmSync(join(tree.state, "control.sock"))
  const removed = "there is no control socket in it; it is about to end, or the socket was deleted"
  expect(await result(verb(tree, "ps"))).toEqual(notAnswering(tree, removed))
  tree.running.kill("SIGCONT")
  await end(tree)
})

it("says that no connection is left, and accepts one again when another closes", async () => {
  const tree = await up()
  const sockets: Array<Socket> = []
  breakers.push(() => {
    for (const socket of sockets) socket.destroy()
    return false
  })
  // Followers, because a connection without a request is closed.
  for (let i = 0; i < 128; i++) {
    const socket = connect(join(tree.state, "control.sock")).on("error", () => {})
    sockets.push(socket)
    socket.write("GET /v1/events?follow=true HTTP/1.1\r\nhost: supervise\r\n\r\n")
    await new Promise((done) => socket.once("data", done))
  }
  const full = "it accepts no more connections; close one of them"
  expect(await result(verb(tree, "ps"))).toEqual(notAnswering(tree, full))
  const bare = connect(join(tree.state, "control.sock"))
  bare.write("GET /v1/ HTTP/1.1\r\nhost: supervise\r\n\r\n")
  let answer = ""
  for await (const chunk of bare) answer += chunk
  expect(answer).toMatch(
    /^HTTP\/1\.1 503 .*\r\ncontent-type: application\/problem\+json\r\n(?:.*\r\n)+.*"detail":"This supervisor already has 128 connections/
  )

  sockets.pop()!.destroy()
  await eventually("one is closed", () => connections(tree) < 128)
  expect((await result(verb(tree, "ps")))[0]).toBe(0)
  await end(tree)
})

// ---------------------------------------------------------------- nowhere

it("has a sentence when the current folder was deleted", async () => {
  const folder = temporaryFolder()
  const file = treeFile(root([sleeper("a")]), folder)
  const gone = (...args: ReadonlyArray<string>): Running => {
    const cwd = temporaryFolder()
    const quoted = args.map((arg) => `'${arg}'`).join(" ")
    return new Running("sh", ["-c", `cd '${cwd}' && rmdir '${cwd}' && exec '${process.execPath}' '${bin}' ${quoted}`])
  }
  const whole = "the folder in which we are is gone, so it must be named by its whole path"
  expect(await result(gone("ps"))).toEqual([
    69,
    "Nothing runs with the state directory .supervise: the current folder was deleted. It is beside the tree file; name it with --state DIR.\n"
  ])
  expect(await result(gone("ps", "--state", "x"))).toEqual([69, `Nothing runs with the state directory x: ${whole}.\n`])
  expect(await result(gone(file, "--state", "x"))).toEqual([
    74,
    `The state directory x cannot be used: ${whole}. Name another one with --state DIR.\n`
  ])
})

it("refuses an empty name for a state directory", async () => {
  const folder = temporaryFolder()
  const file = treeFile(root([sleeper("a")]), folder)
  for (const args of [[file], ["ps"], ["stop"]]) {
    const [code, sentence] = await result(supervise([...args, "--state", ""], { cwd: folder }))
    expect(code).toBe(64)
    expect(sentence).toContain("the name of a state directory cannot be empty")
  }
  expect(readdirSync(folder)).toEqual(["tree.json"])
})

/** How many connections its control socket has; the kernel still lists it under its temporary name. */
const connections = ({ state, running }: Tree): number =>
  readFileSync("/proc/net/unix", "utf8")
    .split("\n")
    .filter((line) => line.endsWith(` ${join(state, `cont.${running.pid}`)}`) && / 0001 03 /.test(line)).length

const parentOf = (pid: number): number => Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1])
