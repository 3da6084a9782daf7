/** What happens when the brain, the guard or the keeper itself is gone, and with frames that break the protocol. */
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect } from "vitest"
import {
  type Connection,
  connectTo,
  type DrivenKeeper,
  endOf,
  it,
  keeperUnderTest,
  RELEASED,
  startKeeper,
  startProgram
} from "./DrivenKeeper.ts"
import { frame, NEVER, NO_LEAF, OWN, specPayload, type TestSpec, words } from "./frames.ts"

let folder: string
let keeper: DrivenKeeper
const mark = `keeper-test-${process.pid}`

/** The processes that leaves of this file have started, whatever has become of their parents. */
const living = (): ReadonlyArray<number> =>
  readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark) && !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, "latin1"))
      } catch {
        return false
      }
    })

async function eventually(what: string, holds: () => boolean, ms = 10_000): Promise<void> {
  for (const end = Date.now() + ms; !holds(); ) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`)
    await new Promise((turn) => setTimeout(turn, 5))
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keeper-connection-"))
})

afterEach(async () => {
  keeper.process.kill("SIGTERM")
  await keeper.exited
  rmSync(folder, { recursive: true, force: true })
  expect(living()).toEqual([])
})

const start = async (...args: ReadonlyArray<string>): Promise<void> => {
  keeper = startKeeper("--dir", folder, ...args)
  await keeper.hello()
  keeper.send("ENV", Buffer.from(`PATH=${process.env.PATH}\0MARK=${mark}\0`))
}

const lease = (kind: number, value: number | bigint, prefix: string): Buffer => {
  const head = Buffer.alloc(16)
  head[0] = kind
  head.writeBigUInt64LE(BigInt(value), 8)
  return Buffer.concat([head, Buffer.from(`${prefix}\0`)])
}

const parentOf = (pid: number): number => Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1])

const STUBBORN: TestSpec = { leaf: 1, argv: ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"], flags: 1 }
const DAEMONS: TestSpec = {
  leaf: 2,
  argv: ["sh", "-c", "for i in 1 2 3; do setsid sh -c \"trap '' TERM; sleep 1000\" & done; sleep 0.2; echo up; wait"],
  flags: 1
}

async function aTree(): Promise<void> {
  keeper.spawn(STUBBORN)
  keeper.spawn(DAEMONS)
  keeper.spawn({ leaf: 3, argv: ["sleep", "1000"] })
  await keeper.event("OUTPUT", 1)
  await keeper.event("OUTPUT", 2)
  await keeper.event("SPAWNED", 3)
  expect(living().length).toBeGreaterThanOrEqual(6)
}

const keeperPid = (): number => keeper.frames[0]!.bytes.readUInt32LE(4)

it("leaves nothing when the keeper is killed", async () => {
  await start()
  await aTree()
  process.kill(keeperPid(), "SIGKILL")
  await eventually("the guard has ended everything", () => living().length === 0, 500)
  expect(await keeper.exited).toBe(137)
})

it("stops the tree when the guard is killed", async () => {
  await start()
  await aTree()
  const end = keeper.end()
  expect(parentOf(keeperPid())).toBe(keeper.process.pid)
  for (const leaf of [1, 2]) keeper.send("STOP", words(leaf, 1, 100, 0))
  keeper.process.kill("SIGKILL")
  await end
  await eventually("all has ended", () => living().length === 0)
})

it("stops the tree when the connection ends, each leaf in its own way", async () => {
  await start()
  keeper.spawn({ ...STUBBORN, shutdown: 100 })
  keeper.spawn({ ...DAEMONS, shutdown: 100 })
  await keeper.event("OUTPUT", 1)
  keeper.close()
  expect(await keeper.exited).toBe(0)
  expect(living()).toEqual([])
})

it("kills what may take any time to stop and takes it, when there is no brain to wait", async () => {
  keeper = startProgram(keeperUnderTest([...RELEASED, "-DSTOP_WITHOUT_BRAIN_MS=300"]), [])
  await keeper.hello()
  keeper.spawn({ ...STUBBORN, shutdown: NEVER })
  keeper.spawn({ ...STUBBORN, leaf: 2, shutdown: NEVER })
  for (const leaf of [1, 2]) await keeper.next((f) => f.type === "OUTPUT" && f.leaf === leaf)
  keeper.send("STOP", words(1, 1, OWN, 0)) // a brain that waits for it, and dies
  keeper.send("QUIT")
  keeper.send("LEASE", lease(2, 0, ""))
  await keeper.settled()
  await new Promise((later) => setTimeout(later, 600))
  expect(keeper.frames.filter(({ type }) => type === "EXITED")).toEqual([])
  const closed = Date.now()
  keeper.close()
  expect(await keeper.exited).toBe(0)
  expect(Date.now() - closed).toBeGreaterThanOrEqual(300)
  expect(living()).toEqual([])
})

it("keeps the tree for the next brain where the lease says so, and tells it what it has missed", async () => {
  await start()
  keeper.send("LEASE", lease(2, 0, ""))
  keeper.send("LEASE", lease(0, 0, "/root/b"))
  keeper.spawn({ leaf: 1, path: "/root/a", argv: ["sleep", "1000"] })
  keeper.spawn({ leaf: 2, path: "/root/b/c", argv: ["sleep", "1000"] })
  keeper.spawn({ leaf: 3, path: "/root/bc", argv: ["sh", "-c", "sleep 0.3; exit 4"] })
  const pid = await keeper.pid(1)
  await keeper.event("SPAWNED", 3)
  await keeper.settled()
  keeper.send("ACK", Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]))
  await keeper.settled()
  keeper.close()
  await new Promise((later) => setTimeout(later, 600))
  const second = connectTo(join(folder, "keeper.sock"))
  await second.hello(0)
  expect(second.frames.map(({ type, leaf }) => `${type} ${leaf ?? ""}`.trim())).toEqual([
    "WELCOME",
    "LEAF 1",
    "LEAF 2",
    "LEAF 3",
    "SPAWNED 3",
    "EXITED 2",
    "EXITED 3",
    "SYNCED"
  ])
  expect(endOf(await second.event("EXITED", 2))).toMatchObject({ signal: 15 })
  expect(endOf(await second.event("EXITED", 3))).toMatchObject({ code: 4 })
  const leaf = await second.next((f) => f.type === "LEAF" && f.leaf === 1)
  expect([leaf.bytes.readUInt32LE(12), leaf.bytes[40], leaf.bytes.subarray(48).toString()]).toEqual([pid, 2, "/root/a\0"])
  second.send("SPAWN", words(1, 1, NO_LEAF, 0))
  second.send("STOP", words(1, 1, OWN, 0))
  expect(endOf(await second.event("EXITED", 1))).toMatchObject({ signal: 15 })
  second.send("QUIT")
  await keeper.exited
})

it("stops after the time of the lease, unless a brain comes", async () => {
  await start()
  keeper.send("LEASE", lease(1, 400, ""))
  keeper.spawn({ argv: ["sleep", "1000"] })
  await keeper.pid()
  keeper.close()
  const second = connectTo(join(folder, "keeper.sock"))
  await second.hello()
  await new Promise((later) => setTimeout(later, 600))
  expect(living()).toHaveLength(1)
  second.close()
  expect(await keeper.exited).toBe(0)
})

it("kills at the deadline of a lease, brain or not, and starts nothing there until it is renewed", async () => {
  await start()
  const at = process.hrtime.bigint() + 300_000_000n
  keeper.send("LEASE", lease(3, at, "/root"))
  keeper.spawn({ ...STUBBORN, shutdown: NEVER })
  expect(endOf(await keeper.event("EXITED", 1))).toMatchObject({ signal: 9 })
  expect(process.hrtime.bigint()).toBeGreaterThan(at)
  keeper.send("SPAWN", words(1, 2, NO_LEAF, 0))
  expect((await keeper.event("NOT_STARTED", 1, 2)).bytes.readUInt32LE(24)).toBe(10003)
  keeper.send("LEASE", lease(255, 0, "/root"))
  keeper.send("SPAWN", words(1, 3, NO_LEAF, 0))
  const pid = await keeper.pid(1, 3)
  keeper.send("KILL_ALL")
  expect(endOf(await keeper.event("EXITED", 1, 3))).toMatchObject({ signal: 9 })
  expect(existsSync(`/proc/${pid}`)).toBe(false)
})

it("refuses a second brain, another version, and frames that break the protocol", async () => {
  await start()
  const path = join(folder, "keeper.sock")
  expect(statSync(path).mode & 0o777).toBe(0o600)
  keeper.send("LEASE", lease(2, 0, ""))
  await keeper.settled()
  const reason = async (connection: Connection): Promise<number> => {
    const { bytes } = await connection.next((f) => f.type === "REFUSED")
    await connection.end()
    return bytes.readUInt32LE(0)
  }
  expect(await reason(connectTo(path))).toBe(3)
  keeper.close()
  /** As long as the end of the one before has not been seen, there is a brain. */
  const other = async (first: (connection: Connection) => void): Promise<number> => {
    for (;;) {
      const connection = connectTo(path)
      first(connection)
      const found = await reason(connection)
      if (found !== 3) return found
    }
  }
  expect(await other((c) => c.sendHello(0, [7, 9]))).toBe(1)
  expect(await other((c) => c.send("QUIT"))).toBe(2)
  const spec = (change: (payload: Buffer) => void): Buffer => {
    const payload = specPayload({ argv: ["true"], path: "/root/new", leaf: 9 })
    change(payload)
    return frame(3, payload)
  }
  const broken: ReadonlyArray<Buffer> = [
    frame(99, Buffer.alloc(0)),
    Buffer.from([1, 0, 0, 0, 12, 1, 0, 0, 0]),
    Buffer.from([255, 255, 255, 255, 12, 0, 0, 0]),
    frame(4, words(1, 1, 1)),
    frame(4, words(77, 1, NO_LEAF, 0)),
    frame(2, Buffer.from("NO_NUL=1")),
    frame(2, Buffer.from("=1\0")),
    frame(9, Buffer.alloc(16)),
    spec((p) => p.writeUInt32LE(131_072, 0)),
    spec((p) => p.writeUInt16LE(0, 40)),
    spec((p) => p.writeUInt16LE(2, 40)),
    spec((p) => p.writeUInt8(65, 44)),
    spec((p) => p.writeUInt16LE(5, 50)),
    spec((p) => p.writeUInt8(7, 12)),
    spec((p) => p.writeUInt8(1, p.length - 1))
  ]
  for (const bytes of broken) {
    const connection = connectTo(path)
    await connection.hello()
    connection.sendBytes(bytes)
    // One is no offence: all flags are known.
    if (bytes === broken[13]) connection.sendBytes(frame(99, Buffer.alloc(0)))
    expect(await reason(connection), bytes.toString("hex").slice(0, 80)).toBe(2)
  }
  const last = connectTo(path)
  await last.hello()
  last.send("QUIT")
  expect(await keeper.exited).toBe(0)
})

it("ends the daemon that says whose it is with its leaf, and one that has cleared its environment with the tree", async () => {
  await start()
  keeper.spawn({ argv: ["sh", "-c", "setsid env -i /bin/sh -c 'exec /bin/sleep 1000' & setsid sleep 1000 & sleep 0.3"] })
  expect(endOf(await keeper.event("EXITED")).strays).toHaveLength(1)
  keeper.send("QUIT")
  const strays = await keeper.next((f) => f.type === "STRAYS")
  expect(strays.bytes.readUInt32LE(8)).toBe(1)
  await keeper.exited
})

it("gives the numbers of leaves back", async () => {
  await start()
  keeper.spawn({ leaf: 5, path: "/root/one", argv: ["true"] })
  keeper.send("GONE", words(5))
  await keeper.event("EXITED", 5)
  keeper.spawn({ leaf: 5, path: "/root/two", argv: ["true"] })
  await keeper.event("EXITED", 5)
})

it("starts its brain itself, passes signals on to it, and ends with its exit code", async () => {
  const program = join(folder, "brain.mjs")
  writeFileSync(
    program,
    `import { Socket } from "node:net"
     const socket = new Socket({ fd: 3 })
     const hello = Buffer.alloc(32); hello[0] = 24; hello[4] = 1
     hello.writeUInt32LE(0x5045454b, 8); hello.writeUInt16LE(1, 12); hello.writeUInt16LE(1, 14)
     socket.write(hello)
     socket.once("data", () => console.log("up"))
     process.on("SIGTERM", () => socket.write(Buffer.from([0, 0, 0, 0, 11, 0, 0, 0])))
     socket.on("close", () => process.exit(42))`
  )
  keeper = startKeeper("--dir", folder, "--", "sh", "-c", `exec ${process.execPath} ${program} > ${folder}/out`)
  await eventually("the brain is up", () => existsSync(`${folder}/out`) && readFileSync(`${folder}/out`, "utf8") === "up\n")
  keeper.process.kill("SIGTERM")
  expect(await keeper.exited).toBe(42)
})

it("lets a brain that it has started take its time: longer than the five seconds that others have", async () => {
  keeper = startKeeper("--", "sh", "-c", "sleep 5.5; exit 42")
  expect(await keeper.exited).toBe(42)
  expect(keeper.complaints()).toBe("")
})

it("refuses arguments that it does not know", () => {
  keeper = startKeeper("--dir", folder)
  const run = (...args: ReadonlyArray<string>): string => {
    try {
      execFileSync(keeperUnderTest(), args, { stdio: ["ignore", "pipe", "pipe"] })
      return "no error"
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: Buffer }
      return `${status} ${stderr.toString().split("\n")[0]}`
    }
  }
  expect(run("--frobnicate")).toBe("64 keeper: unknown argument")
  expect(run("--dir", `/${"x".repeat(107)}`)).toBe("64 keeper: the path of the folder is too long for a socket in it")
  expect(run()).toBe("64 keeper: no brain can connect: give it descriptor 3, --dir or --")
})

it("answers all that was sent in one write with HELLO, also to a brain that reads late", async () => {
  keeper = startKeeper("--dir", folder)
  keeper.pause()
  keeper.sendHello(0, [1, 1])
  const count = 40_000
  const signals = Array.from({ length: count }, (_, ticket) => frame(6, words(1, 1, 15, ticket)))
  keeper.sendBytes(
    Buffer.concat([frame(3, specPayload({ leaf: 1, argv: ["no-such-command"] })), frame(4, words(1, 1, NO_LEAF, 0)), ...signals])
  )
  await new Promise((later) => setTimeout(later, 300))
  keeper.resume()
  await keeper.settled()
  const tickets = keeper.frames.filter((f) => f.type === "SIGNALLED").map((f) => f.bytes.readUInt32LE(0))
  expect(tickets).toEqual(Array.from({ length: count }, (_, ticket) => ticket))
  await keeper.event("NOT_STARTED", 1)
})
