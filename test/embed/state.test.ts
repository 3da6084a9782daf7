/** The state directory of a running tree: only our own files are written or deleted, and only the owner has access. */

import { execFileSync } from "node:child_process"
import { once } from "node:events"
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { createServer, Server } from "node:net"
import { join } from "node:path"
import { type RunningTree, StateUnusable, start } from "supervise"
import { attach, NotRunning } from "supervise/client"
import { afterEach, expect, it } from "vitest"
import { supervise, treeFile } from "../runtime/command.ts"
import { living, pidOf, rootPath, signal, temporaryFolder } from "../runtime/processes.ts"
import { root, sleeper } from "../runtime/tree.ts"

const trees: Array<RunningTree> = []
const up = async (state: string, id = "a"): Promise<RunningTree> => {
  const tree = await start(root([sleeper(id)], { logs: false }), { state })
  trees.push(tree)
  return tree
}
const refused = async (state: string): Promise<string> => {
  const error = await up(state).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(StateUnusable)
  expect(living()).toEqual([])
  return (error as StateUnusable).message
}
const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]))

const [umask, runtime, temp] = [process.umask(), process.env.XDG_RUNTIME_DIR, process.env.TMPDIR]
const setOrDelete = (name: string, value: string | undefined): void => {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}
afterEach(async () => {
  await Promise.all(trees.splice(0).map((tree) => tree.kill()))
  process.umask(umask)
  setOrDelete("XDG_RUNTIME_DIR", runtime)
  setOrDelete("TMPDIR", temp)
})

// ---------------------------------------------------------------- access

it("belongs to its owner alone, whatever the umask", async () => {
  for (const mask of [0, 0o777]) {
    const state = join(temporaryFolder(), "state")
    process.umask(mask)
    const tree = await up(state)
    expect(process.umask()).toBe(mask)
    expect(statSync(state).mode & 0o777).toBe(0o700)
    const modes = readdirSync(state).map((name) => [name, lstatSync(join(state, name)).mode & 0o777])
    expect(Object.fromEntries(modes)).toEqual({ ".gitignore": 0o600, "control.sock": 0o600, lock: 0o600, pid: 0o600 })
    await tree.stop()
  }
})

it("has a socket that no other user could access at any time", async () => {
  const born: Array<number> = []
  const { listen } = Server.prototype
  Server.prototype.listen = function (this: Server, path: string, done: () => void) {
    const server = listen.call(this, path, done)
    if (typeof path === "string") born.push(lstatSync(path).mode & 0o777)
    return server
  } as typeof listen
  process.umask(0)
  try {
    await (await up(join(temporaryFolder(), "state"))).stop()
  } finally {
    Server.prototype.listen = listen
  }
  expect(born).toEqual([0o600])
})

it("is refused where others could put a socket, or if it belongs to another user", async () => {
  const state = join(temporaryFolder(), "state")
  mkdirSync(state)
  chmodSync(state, 0o777)
  const cannot = `The state directory ${state} cannot be used: `
  expect(await refused(state)).toBe(`${cannot}others may write into it, and so could give orders; forbid that with chmod go-w.`)
  expect(readdirSync(state)).toEqual([])
  if (process.geteuid?.() !== 0) return
  chmodSync(join(state, ".."), 0o755)
  chmodSync(state, 0o755)
  process.seteuid?.(65534)
  try {
    expect(await refused(state)).toBe(
      `${cannot}it belongs to user 0, and this runs as user 65534; run this as its owner, or name a folder of your own.`
    )
  } finally {
    process.seteuid?.(0)
  }
})

it("is refused if it contains anything else, which is left alone", async () => {
  const project = temporaryFolder()
  writeFileSync(join(project, ".gitignore"), "dist\n")
  writeFileSync(join(project, "pid"), "pidgin, a dictionary\n")
  const before = contents(project)
  const advice = "other things are in it and no lock of ours, so it is no state directory; name one that is empty or not there yet"
  expect(await refused(project)).toBe(`The state directory ${project} cannot be used: ${advice}.`)
  writeFileSync(join(project, "lock"), "file locks, a treatise\n")
  expect(await refused(project)).toContain(advice)
  rmSync(join(project, "lock"))
  expect(contents(project)).toEqual(before)
})

it("must have a name", async () => {
  const here = readdirSync(".")
  expect(await refused("")).toBe("The state directory  cannot be used: its name is empty.")
  expect(readdirSync(".")).toEqual(here)
  await expect(attach("")).rejects.toThrow("its name is empty")
})

it("keeps what its owner has changed in it, and is ignored by git if we created it or found it empty", async () => {
  const state = join(temporaryFolder(), "state")
  mkdirSync(state)
  await (await up(state)).stop()
  expect(contents(state)).toEqual({ ".gitignore": "*\n", lock: "" })
  writeFileSync(join(state, ".gitignore"), "!kept\n")
  await (await up(state)).stop()
  rmSync(join(state, ".gitignore"))
  await (await up(state)).stop()
  expect(contents(state)).toEqual({ lock: "" })
})

it("is created with the folders above it, and removed with them when it cannot be used", async () => {
  const folder = temporaryFolder()
  const state = join(folder, "a", "b", "c")
  await (await up(state)).stop()
  expect(statSync(state).mode & 0o777).toBe(0o700)

  const long = join(folder, "other", "x".repeat(120))
  process.env.TMPDIR = join(folder, "y".repeat(120))
  expect(await refused(long)).toMatch(/its path is too long for a socket, and there is no folder for a shorter one: .*y{120}\.$/)
  expect(readdirSync(folder)).toEqual(["a"])
})

// ---------------------------------------------------------------- contents

it("has a pid file that is never a link, a pipe or another user's", async () => {
  const state = join(temporaryFolder(), "state")
  await (await up(state)).stop()
  const pid = join(state, "pid")
  const precious = join(temporaryFolder(), "precious")
  writeFileSync(precious, "12345\n")
  const foreign = `The state directory ${state} cannot be used: there is a ${pid} that is not ours.`

  symlinkSync(precious, pid)
  expect(await refused(state)).toBe(foreign)
  expect(readFileSync(precious, "utf8")).toBe("12345\n")
  rmSync(pid)
  mkfifo(pid)
  expect(await refused(state)).toBe(foreign)
  rmSync(pid)
  writeFileSync(pid, "pidgin\n")
  expect(await refused(state)).toBe(foreign)
  expect(contents(state)).toEqual({ ".gitignore": "*\n", lock: "", pid: "pidgin\n" })

  writeFileSync(pid, "") // as after a power failure
  const tree = await up(state)
  expect(readFileSync(pid, "utf8")).toBe(`${process.pid}\n`)
  writeFileSync(pid, "17\n")
  await tree.stop()
  expect(readFileSync(pid, "utf8")).toBe("17\n")
})

it("is made again after it was removed, in part or as a whole, and a second tree is refused at any time", async () => {
  const folder = realpathSync(temporaryFolder())
  for (const state of [join(folder, "state"), join(folder, "long".repeat(30), "state")]) {
    const tree = await up(state)
    const before = readdirSync(state)
    const remote = await attach(state)
    const made = `${state}, or the lock or socket in it, was removed while its tree runs. It has been made again.`
    const socket = join(state, "control.sock")
    const running = { _tag: "AlreadyRunning", directory: state, pid: process.pid }
    const removals: ReadonlyArray<readonly [() => void, object]> = [
      [() => rmSync(state, { recursive: true }), running],
      [() => renameSync(state, mkdtempSync(join(folder, "moved"))), running],
      [() => rmSync(join(state, "lock")), { _tag: "StateUnusable" }],
      [() => rmSync(socket), running],
      [() => rmSync(realpathSync(socket)), running]
    ]
    for (const [remove, refusal] of removals) {
      const warned = once(process, "warning")
      remove()
      await expect(up(state, "b")).rejects.toMatchObject(refusal)
      expect((await warned)[0].message).toBe(made)
      expect(readdirSync(state).sort()).toEqual(before.sort())
      await expect(up(state, "b")).rejects.toMatchObject({ _tag: "AlreadyRunning" })
      const again = await attach(state)
      expect((await again.snapshot()).root.path).toBe(rootPath)
      await again[Symbol.asyncDispose]()
    }
    expect((await remote.snapshot()).root.phase).toBe("up")
    await remote[Symbol.asyncDispose]()
    await tree.stop()
    expect(readdirSync(state).sort()).toEqual([".gitignore", "lock"])
    await (await up(state, "b")).stop()
  }
})

it("is not made again where its folder has gone too, or where something else is: that is said, and tried again", async () => {
  const folder = join(realpathSync(temporaryFolder()), "project")
  const state = join(folder, "state")
  const tree = await up(state)
  const warning = async () => (await once(process, "warning"))[0].message
  const says = (because: string) =>
    `${state} was removed while its tree runs, so commands do not reach the tree. ` +
    `The state directory ${state} cannot be used: ${because}. This is tried again.`

  const without = warning()
  renameSync(folder, `${folder}.old`)
  expect(await without).toBe(says("the folder that it was in is gone, too"))
  expect(existsSync(folder)).toBe(false)
  const again = warning()
  mkdirSync(folder)
  expect(await again).toContain("It has been made again.")

  const instead = warning()
  rmSync(state, { recursive: true })
  writeFileSync(state, "a file\n")
  expect(await instead).toBe(says("it is not a folder"))
  expect(readFileSync(state, "utf8")).toBe("a file\n")
  await tree.stop()
})

it("leaves a socket alone that has replaced ours", async () => {
  const state = join(temporaryFolder(), "state")
  const socket = join(state, "control.sock")
  const tree = await up(state)
  renameSync(socket, join(state, "moved"))
  const other = createServer()
  await new Promise<void>((done) => other.listen(socket, done))
  await tree.stop()
  expect(existsSync(socket)).toBe(true)
  await new Promise((done) => other.close(done))
})

it("reports workers that an earlier supervisor left behind", async () => {
  const state = join(temporaryFolder(), "state")
  const before = supervise(["--spawner", "node", treeFile(root([sleeper("a")])), "--state", state])
  await before.event("Started", rootPath)
  const orphan = pidOf(`${rootPath}/a`)
  before.kill("SIGKILL")
  await before.ended
  const warned = once(process, "warning")
  const tree = await up(state, "b")
  const [{ message }] = await warned
  expect(message).toMatch(new RegExp(`^An earlier supervisor ended .*: ${rootPath}/a \\(pid ${orphan}\\)\\. To end them: `))
  signal(orphan, "SIGKILL")
  await tree.stop()
})

// ---------------------------------------------------------------- names

it("is the same under each of its names, too long for a socket or not", async () => {
  const folder = realpathSync(temporaryFolder())
  const long = join(folder, "long".repeat(30))
  const short = join(folder, "s")
  mkdirSync(long)
  symlinkSync(long, short)
  const names = [join(short, "state"), join(long, "state")]
  for (const name of names) {
    const tree = await up(name)
    await expect(up(names[0]!)).rejects.toMatchObject({ _tag: "AlreadyRunning", directory: names[1] })
    for (const asked of names) {
      const remote = await attach(asked)
      expect(remote.root).toBe(rootPath)
      await remote[Symbol.asyncDispose]()
    }
    await tree.stop()
  }
})

it("says so when there is a socket, but every name of it is too long", async () => {
  const folder = realpathSync(temporaryFolder())
  const other = createServer((socket) => socket.destroy())
  mkdirSync(join(folder, "state"))
  await new Promise<void>((done) => other.listen(join(folder, "state", "control.sock"), done))
  const long = join(folder, "long".repeat(30))
  renameSync(join(folder, "state"), long)
  await expect(attach(long)).rejects.toThrow(
    `Nothing runs with the state directory ${long}: the path of its socket is longer than 107 bytes; name it by a shorter link.`
  )
  symlinkSync(long, join(folder, "short"))
  await expect(attach(join(folder, "short"))).rejects.toThrow(join(folder, "short", "control.sock"))
  await new Promise((done) => other.close(done))
})

it("has its socket in the temporary folder if there is no usable runtime folder", async () => {
  const folder = realpathSync(temporaryFolder())
  const tmp = join(folder, "tmp")
  mkdirSync(tmp)
  process.env.TMPDIR = tmp
  const tooLong = join(folder, "r".repeat(90))
  mkdirSync(tooLong)
  const state = join(folder, "long".repeat(30))
  for (const useless of ["", join(folder, "missing"), "relative", tooLong]) {
    process.env.XDG_RUNTIME_DIR = useless
    const tree = await up(state)
    const link = join(state, "control.sock")
    const socket = realpathSync(link)
    expect(socket).toContain(join(tmp, "supervise-"))
    await tree.stop()
    for (const left of [link, socket]) expect(lstatSync(left, { throwIfNoEntry: false })).toBeUndefined()
  }
  expect(readdirSync(tooLong)).toEqual([])
})

it("is refused at the end of a broken link", async () => {
  const folder = temporaryFolder()
  const link = join(folder, "link")
  symlinkSync(join(folder, "gone"), link)
  const because = `${link} is a link to ${join(folder, "gone")}, which is not there`
  expect(await refused(link)).toBe(`The state directory ${link} cannot be used: ${because}.`)
  const error = await attach(link).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(NotRunning)
  expect((error as Error).message).toBe(`Nothing runs with the state directory ${link}: ${because}.`)
})

it("is refused where we have no permission to look", async () => {
  const folder = temporaryFolder()
  const closed = join(folder, "closed")
  mkdirSync(closed)
  chmodSync(folder, 0o755)
  chmodSync(closed, 0)
  const state = join(closed, "state")
  if (process.getuid?.() === 0) process.seteuid?.(65534)
  try {
    expect(await refused(state)).toBe(`The state directory ${state} cannot be used: EACCES: permission denied, lstat '${state}'.`)
    await expect(attach(state)).rejects.toThrow(`Nothing runs with the state directory ${state}: we are not permitted to look there.`)
  } finally {
    if (process.getuid?.() === 0) process.seteuid?.(0)
    chmodSync(closed, 0o700)
  }
})

const mkfifo = (path: string): void => void execFileSync("mkfifo", [path])
