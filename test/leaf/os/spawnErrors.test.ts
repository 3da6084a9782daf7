import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it, vi } from "vitest"
import { kill } from "../../../src/leaf/os/kill.ts"
import { spawnErrorOf } from "../../../src/leaf/os/spawnErrors.ts"
import type { SpawnCommand } from "../../../src/leaf/Spawner.ts"
import { nodeRecorder, recorder } from "../LeafRecorder.ts"
import { contract } from "../testedSpawners.ts"

const folder = mkdtempSync(join(tmpdir(), "leaf-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, text: string, mode: number): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

async function failedStart(argv: SpawnCommand["argv"], more: Partial<SpawnCommand> = {}): Promise<{ errno: string; message: string }> {
  const w = recorder()
  w.spawn(argv, more)
  const { errno, message } = await w.event("NotStarted")
  expect(w.tags()).toEqual(["NotStarted"])
  expect(await w.signal("SIGKILL", "group")).toBe(false)
  return { errno, message }
}

contract("a command that cannot be started", () => {
  it("is not found in PATH, ours or its own", async () => {
    const command = 'the command "no-such-command" was not found in'
    for (const [env, where] of [
      [{}, "PATH"],
      [{ PATH: "/bin:/usr/bin" }, "the PATH that its env sets"],
      [{ PATH: null }, "/bin:/usr/bin (its PATH is not set)"]
    ] as const) {
      expect(await failedStart(["no-such-command"], { env })).toEqual({ errno: "ENOENT", message: `${command} ${where}` })
    }
  })

  it("is not found at its path", async () => {
    expect(await failedStart(["./no-such-command"])).toEqual({
      errno: "ENOENT",
      message: 'the command "./no-such-command" was not found: there is no such file'
    })
    expect((await failedStart(["/etc/passwd/x"])).errno).toBe("ENOTDIR")
  })

  it("is a script whose interpreter is missing", async () => {
    const script = file("script", "#! /no/such/interpreter -x\n", 0o755)
    const message = `the interpreter /no/such/interpreter, named in the first line of ${script}, was not found`
    expect(await failedStart([script])).toEqual({ errno: "ENOENT", message })
    expect(await failedStart(["script"], { env: { PATH: folder } })).toEqual({ errno: "ENOENT", message })
  })

  it("is not executable", async () => {
    const script = file("plain", "true\n", 0o644)
    expect(await failedStart([script])).toEqual({ errno: "EACCES", message: `${script} is not executable (see chmod +x)` })
  })

  it("is a folder", async () => {
    expect(await failedStart(["/etc"])).toEqual({ errno: "EACCES", message: "/etc is a folder" })
  })

  it("has no folder to run in", async () => {
    for (const [cwd, why] of [
      ["/no/such", "does not exist"],
      ["/etc/passwd", "is not a folder"],
      ["/etc/passwd/x", "is inside something that is not a folder"]
    ] as const) {
      expect(await failedStart(["true"], { cwd })).toEqual({ errno: "BADCWD", message: `its folder ${cwd} ${why}` })
    }
  })

  it("is too long", async () => {
    const { errno, message } = await failedStart(["true", "x".repeat(3_000_000)])
    expect(errno).toBe("E2BIG")
    expect(message).toBe("its arguments and environment together are too long for this system")
  })

  it("is not a command at all", async () => {
    expect((await failedStart([""])).errno).toBe("EINVAL")
    expect((await failedStart(["a\0b"])).errno).toBe("EINVAL")
    expect((await failedStart(["true", "a\0b"])).errno).toBe("EINVAL")
    expect((await failedStart(["true"], { env: { A: "a\0b" } })).errno).toBe("EINVAL")
    expect((await failedStart(["true"], { cwd: "a\0b" })).errno).toBe("EINVAL")
  })

  it("has a readiness that can never come", async () => {
    expect(await failedStart(["true"], { ready: { type: "line", pattern: "(" } })).toMatchObject({ errno: "BADREADY" })
    for (const fd of [2, -1, 1.5, Number.NaN, 100_000]) {
      expect(await failedStart(["true"], { ready: { type: "fd", fd } })).toMatchObject({ errno: "BADREADY" })
    }
  })

  it("is explained for every error of the system", () => {
    mkdirSync(join(folder, "sub"), { recursive: true })
    const command = { argv: ["true"] as const, cwd: folder, env: {} }
    const sentence = (code: string): string =>
      spawnErrorOf(Object.assign(new Error(`spawn true ${code}`), { code }), command, process.env).message
    expect(sentence("EAGAIN")).toContain("limit on processes")
    expect(sentence("EMFILE")).toContain("too many open files")
    expect(sentence("ENFILE")).toContain("too many open files")
    expect(sentence("ENOMEM")).toContain("not enough memory")
    expect(sentence("ENOEXEC")).toContain("not a program")
    expect(sentence("EPERM")).toContain("may not be run by this user")
    expect(sentence("EIO")).toBe("spawn true EIO")
    expect(spawnErrorOf("odd", command, process.env)).toEqual({ errno: "UNKNOWN", message: "odd" })
  })
})

describe("a signal", () => {
  it("never goes to what cannot be a leaf", () => {
    const send = vi.spyOn(process, "kill").mockImplementation(() => true)
    try {
      for (const pid of [-1, 0, 1, -5, Number.NaN, 1.5, undefined, null, "7", Number.POSITIVE_INFINITY, process.pid]) {
        for (const to of ["leader", "group"] as const) {
          for (const signal of ["SIGKILL", "SIGTERM", 0] as const) expect(kill(pid as number, to, signal)).toBe("gone")
        }
      }
      expect(send).not.toHaveBeenCalled()
      expect(kill(12_345_678, "group", "SIGTERM")).toBe("sent")
      expect(send).toHaveBeenCalledExactlyOnceWith(-12_345_678, "SIGTERM")
    } finally {
      send.mockRestore()
    }
  })

  it("is not sent for a leaf that never started, whatever is commanded", async () => {
    const sent: Array<number> = []
    const w = nodeRecorder({
      kill: (pid, to, signal) => {
        sent.push(pid)
        return kill(pid, to, signal)
      }
    })
    w.spawn(["no-such-command"])
    w.spawner.attach((event) => {
      w.events.push(event)
      w.stop("brutalKill")
      void w.signal("SIGKILL", "group")
    })
    await new Promise(setImmediate)
    w.stop(0)
    w.attach()
    await w.event("NotStarted")
    w.stop("brutalKill")
    w.spawner.killAll()
    expect(sent).toEqual([])
  })
})
