/** What a process says of itself by sd_notify. Only the keeper receives it. */
import { expect, it } from "vitest"
import { isThere } from "../runtime/processes.ts"
import { recorder } from "./LeafRecorder.ts"
import { contract } from "./testedSpawners.ts"

const withoutPython = !isThere("python3") && process.env.REQUIRE_ALL !== "1"
if (withoutPython) console.log("Left out: what uses sd_notify, as there is no python3 (apt-get install python3).")

/** A program that begins with `say`, for sd_notify, and ends when it is killed. */
const program = (body: string) =>
  [
    "python3",
    "-c",
    `import os, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
a = os.environ["NOTIFY_SOCKET"]
s.connect("\\0" + a[1:] if a[0] == "@" else a)
say = lambda text: s.send(text.encode())
${body}
time.sleep(1000)`
  ] as const

const NOTIFY = { type: "notify" } as const

contract("sd_notify", () => {
  const that = it.skipIf(withoutPython)

  that("makes it ready, and tells its status", async () => {
    const w = recorder()
    w.spawn(program('say("STATUS=reads its files"); time.sleep(0.3); say("READY=1\\nSTATUS=3 clients")'), { ready: NOTIFY })
    await w.event("Notified", ({ status }) => status === "3 clients")
    expect(w.tags()).toEqual(["Spawned", "Notified", "Ready", "Notified"])
    expect(w.events[1]).toMatchObject({ path: w.path, incarnation: 1, status: "reads its files" })
  })

  that("sends heartbeats, whose interval it is told", async () => {
    const w = recorder()
    const beats = "print(os.environ['WATCHDOG_USEC'], os.environ['WATCHDOG_PID'], os.environ.get('SUPERVISE_FD'), flush=True)"
    w.spawn(program(`${beats}\nwhile True: say("WATCHDOG=1"); time.sleep(0.02)`), { beatMs: 50, beatFrom: "notify" })
    const { pid } = await w.event("Spawned")
    await w.line(`100000 ${pid} None`)
    for (const { leaf, sentAt } of await w.beaten(3)) expect([leaf.path, leaf.incarnation, sentAt]).toEqual([w.path, 1, undefined])
  })

  that("asks for more time, and says that it has failed", async () => {
    const w = recorder()
    w.spawn(program('say("EXTEND_TIMEOUT_USEC=2500000"); say("WATCHDOG=trigger")'), { ready: NOTIFY })
    const { extendMs } = await w.event("Notified")
    expect(extendMs).toBeGreaterThan(0)
    expect(extendMs).toBeLessThanOrEqual(2_500)
    await w.until("its failure", () => w.failed[0])
    expect(w.failed).toEqual([expect.objectContaining({ path: w.path, incarnation: 1 })])
  })

  that("is heard to the end", async () => {
    const w = recorder()
    w.spawn(program('say("STATUS=a"); say("STATUS=b"); say("STATUS=closed all files"); sys.exit(3)'), { ready: NOTIFY })
    await w.event("Exited")
    expect(w.tags().at(-2)).toBe("Notified")
    expect(w.events.at(-2)).toMatchObject({ status: "closed all files" })
  })

  that("is not another's", async () => {
    const w = recorder()
    w.sh("exec sleep 1000", { ready: NOTIFY })
    const other = "/leaf/other"
    w.spawn(program('say("READY=1")'), { path: other, ready: NOTIFY })
    await w.event("Ready", ({ path }) => path === other)
    expect(w.events.filter(({ _tag, path }) => _tag === "Ready" && path === w.path)).toEqual([])
  })
}, ["keeper"])

contract("sd_notify", () => {
  it("is refused, as it would never be heard", async () => {
    const w = recorder()
    w.sh("exec sleep 1000", { ready: NOTIFY })
    const { errno, message } = await w.event("NotStarted")
    expect(errno).toBe("BADREADY")
    expect(message).toBe("ready: notify() needs the keeper, and it would run without one (--spawner keeper)")
    w.sh("exec sleep 1000", { incarnation: 2, beatMs: 100, beatFrom: "notify" })
    const beats = await w.event("NotStarted", ({ incarnation }) => incarnation === 2)
    expect(beats.message).toBe('a heartbeat from "notify" needs the keeper, and it would run without one (--spawner keeper)')
  })
}, ["node"])

contract("the socket of our own service manager", () => {
  it("is not handed on", async () => {
    process.env.NOTIFY_SOCKET = "/nowhere/notify.sock"
    process.env.WATCHDOG_USEC = "1000000"
    try {
      const w = recorder()
      w.sh('echo "${NOTIFY_SOCKET-none} ${WATCHDOG_USEC-none}"')
      await w.line("none none")
    } finally {
      delete process.env.NOTIFY_SOCKET
      delete process.env.WATCHDOG_USEC
    }
  })
})
