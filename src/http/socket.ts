/** The path of the control socket of a state directory. */
import { createHash } from "node:crypto"
import { existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { basename, dirname, isAbsolute, join } from "node:path"
import * as Effect from "effect/Effect"
import { reason } from "../runtime/state/files.ts"
import { mustBeOurSocket } from "../runtime/state/ownership.ts"
import { StateUnusable } from "../runtime/state/StateDirectory.ts"

/** The longest path in `sockaddr_un`, in bytes: 108 on Linux, 104 on macOS, including the final zero. */
const LONGEST_BYTES = process.platform === "linux" ? 107 : 103

const nameOf = (directory: string): string => join(directory, "control.sock")
const isTooLong = (path: string): boolean => Buffer.byteLength(path) > LONGEST_BYTES

/** The path to connect to. Throws a sentence if there is none, or if another user may listen there. */
export const connectable = (names: ReadonlyArray<string>): string => {
  const path = shortest(names)
  if (existsSync(path)) mustBeOurSocket(path)
  return path
}

/** If every name of the directory is too long for a socket, there is a link to a shorter one. */
const shortest = (names: ReadonlyArray<string>): string => {
  const short = names.map(nameOf).find((path) => !isTooLong(path))
  if (short !== undefined) return short
  const path = nameOf(names[0]!)
  const kind = kindOf(path)
  if (kind === "link") return readlinkSync(path)
  throw new Error(
    kind === "nothing" ? NO_SOCKET : `the path of its socket is longer than ${LONGEST_BYTES} bytes; name it by a shorter link`
  )
}
export const NO_SOCKET = "there is no control socket in it"

/** Where to create the socket, and the link that leads to it, if it cannot be in the directory itself. */
interface Bindable {
  readonly path: string
  readonly link: string | undefined
}

/**
 * A free path for the socket. The directory is ours, so a socket in it that does not answer was left by an earlier
 * supervisor.
 */
export const bindable = Effect.fnUntraced(function* (directory: string): Effect.fn.Return<Bindable, StateUnusable> {
  const path = nameOf(directory)
  const fail = (because: string) => new StateUnusable({ directory, because })
  const attempt = <A>(act: () => A) => Effect.try({ try: act, catch: (error) => fail(reason(error)) })

  const short = isTooLong(path) ? yield* attempt(() => shortPath(directory)) : undefined
  for (const old of short === undefined ? [path] : [path, short]) {
    const kind = kindOf(old)
    if (kind === "foreign") return yield* fail(`${old} exists and is not a socket`)
    if (kind === "socket" && (yield* answers(old))) return yield* fail(`another program listens on ${old}`)
    yield* attempt(() => rmSync(old, { force: true }))
  }
  if (short === undefined) return { path, link: undefined }
  yield* attempt(() => symlinkSync(short, path))
  return { path: short, link: path }
})

/** No longer than the final path, and unique to this process: the socket is created there and then moved. */
export const temporarySocketPath = (path: string): string => join(dirname(path), `${basename(path).slice(0, 4)}.${process.pid}`)

/**
 * A path in a folder that only this user may write to: elsewhere another user could have created it first. Always the
 * same for the same directory.
 */
function shortPath(directory: string): string {
  const name = `${createHash("sha256").update(directory).digest("hex").slice(0, 16)}.sock`
  const runtime = process.env.XDG_RUNTIME_DIR ?? ""
  const own = `supervise-${process.getuid?.() ?? "user"}`
  const fits = (folder: string): boolean => isAbsolute(folder) && existsSync(folder) && !isTooLong(join(folder, own, name))
  const folder = [runtime, tmpdir()].find(fits)
  if (folder === undefined) {
    throw new Error(`its path is too long for a socket, and there is no folder for a shorter one: neither XDG_RUNTIME_DIR nor ${tmpdir()}`)
  }
  return join(ownFolder(join(folder, own)), name)
}

function ownFolder(folder: string): string {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) mkdirSync(folder, { mode: 0o700 })
  const stats = lstatSync(folder)
  if (!stats.isDirectory() || stats.uid !== process.getuid?.() || (stats.mode & 0o077) !== 0) {
    throw new Error(`${folder} is not a folder that only this user may use`)
  }
  return folder
}

function kindOf(path: string): "nothing" | "link" | "socket" | "foreign" {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return "nothing"
  return stats.isSymbolicLink() ? "link" : stats.isSocket() ? "socket" : "foreign"
}

const answers = (path: string): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const connection = connect(path)
    const settle = (answer: boolean) => () => {
      connection.destroy()
      resume(Effect.succeed(answer))
    }
    connection.once("connect", settle(true)).once("error", settle(false))
  })
