/** Running trees in programs without Effect. */
import { BadTree, BootFailed, line, Refused, start, worker } from "supervise"
import { expect, it } from "vitest"
import { isAlive, living, rootPath, signal } from "../runtime/processes.ts"
import { at, root, shell, sleeper } from "../runtime/tree.ts"

it("boots, shows its tree, carries out requests, and is gone when it is stopped", async () => {
  const tree = await start(root([sleeper("a"), sleeper("b")]))
  expect((await tree.snapshot()).root.children?.map(({ path, phase }) => [path, phase])).toEqual([
    [at("a"), "up"],
    [at("b"), "up"]
  ])
  expect(await tree.restart(at("a"))).toEqual({ path: at("a"), incarnation: 2 })
  await tree.stop(at("b"))
  expect(living(at("b"))).toEqual([])
  expect(await tree.start(at("b"))).toEqual({ path: at("b"), incarnation: 2 })
  expect(await tree.startChild(rootPath, sleeper("c"))).toEqual({ path: at("c"), incarnation: 1 })
  expect(await tree.countChildren(rootPath)).toMatchObject({ specs: 3, active: 3 })
  await tree.terminateChild(at("c"))
  await tree.deleteChild(at("c"))
  expect((await tree.whichChildren(rootPath)).map(({ id }) => id)).toEqual(["b", "a"])
  await tree.stop()
  expect(await tree.ended).toEqual({ booted: true, exit: { _tag: "Shutdown" } })
  expect(living()).toEqual([])
})

it("delivers every change, and its iterators finish when it has ended", async () => {
  const tree = await start(root([sleeper("a")]))
  const incarnations: Array<number> = []
  for await (const { path, node } of tree.changes()) {
    if (path !== at("a") || node?.phase !== "up" || node.pid === undefined || incarnations.includes(node.incarnation)) continue
    incarnations.push(node.incarnation)
    if (node.incarnation < 3) signal(node.pid, "SIGKILL")
    else void tree.stop()
  }
  expect(incarnations).toEqual([1, 2, 3])
  const past: Array<string> = []
  for await (const { _tag } of tree.events()) past.push(_tag)
  expect(past.at(-1)).toBe("Ended")
})

it("refuses with OTP's reasons and a sentence", async () => {
  const tree = await start(root([sleeper("a")]))
  const refused = await tree.deleteChild(at("a")).catch((error) => error)
  expect(refused).toBeInstanceOf(Refused)
  expect([refused.why._tag, refused.message]).toEqual(["Running", `${at("a")} runs; stop it first.`])
  await expect(tree.startChild(rootPath, { ...sleeper("b"), start: [] as never })).rejects.toBeInstanceOf(BadTree)
  await expect(tree.stop(rootPath)).rejects.toThrow(`${rootPath} is the root; it can only be shut down as a whole.`)
  await tree.stop()
  await expect(tree.restart(at("a"))).rejects.toBeInstanceOf(Refused)
})

it("rejects an invalid tree, and one that does not come up; then nothing is left", async () => {
  await expect(start({ type: "supervisor", id: "1", children: [] })).rejects.toBeInstanceOf(BadTree)
  const failed = await start(root([sleeper("a"), worker({ id: "b", start: ["no-such-command"] })])).catch((error) => error)
  expect(failed).toBeInstanceOf(BootFailed)
  expect(failed.message).toContain(`${at("b")} could not be started`)
  expect(living()).toEqual([])
})

it("is stopped once, and later calls wait for the same end", async () => {
  const slow = () => shell("slow", "trap 'sleep 0.3; exit 0' TERM; echo ready; while :; do sleep 0.05; done", { ready: line("ready") })
  type Tree = Awaited<ReturnType<typeof start>>
  const ways: ReadonlyArray<(tree: Tree) => PromiseLike<unknown>> = [
    (tree) => tree.stop(),
    (tree) => tree[Symbol.asyncDispose](),
    (tree) => tree.ended
  ]
  for (const again of ways) {
    const tree = await start(root([slow()]))
    const first = tree.stop()
    await again(tree)
    expect(living()).toEqual([])
    await first
  }
  const tree = await start(
    root([shell("deaf", "trap '' TERM; echo ready; while :; do sleep 0.05; done", { ready: line("ready"), shutdown: "infinity" })])
  )
  const first = tree.stop()
  await tree.kill()
  expect(living()).toEqual([])
  await first
})

it("sends any signal of this machine, and refuses others", async () => {
  await using tree = await start(root([sleeper("a")]))
  await tree.signal(at("a"), "SIGSTOP")
  await tree.signal(at("a"), "SIGCONT")
  for (const none of ["SIGNAL", "toString", 9]) {
    await expect(tree.signal(at("a"), none as "SIGNAL")).rejects.toThrow(`${at("a")} was not sent ${none}: there is no such signal.`)
  }
})

it("rejects an invalid child rather than throwing", async () => {
  await using tree = await start(root([sleeper("a")]))
  for (const none of [undefined, null, 7]) {
    const added = tree.startChild(rootPath, none as never)
    await expect(added).rejects.toBeInstanceOf(BadTree)
  }
})

it("says how it ended when it gave up, and can be disposed of", async () => {
  await using tree = await start(root([shell("a", "sleep 0.1; exit 7")], { intensity: 1, onIntensity: "escalate" }))
  expect(await tree.ended).toMatchObject({ booted: true, exit: { _tag: "GaveUp", window: [{ exit: { code: 7 } }, { exit: { code: 7 } }] } })
})

it("adds an instance with its own arguments to a pool", async () => {
  await using tree = await start({ type: "pool", id: rootPath.slice(1), size: 0, child: worker({ id: "sleeper", start: ["sleep"] }) })
  expect(await tree.startInstance(rootPath, ["1000"])).toEqual({ path: at("1"), incarnation: 1 })
  await tree.scale(rootPath, 0)
  expect((await tree.getChildSpec(at("sleeper"))).id).toBe("sleeper")
  await tree.kill()
  expect(living().filter(({ pid }) => isAlive(pid))).toEqual([])
})
