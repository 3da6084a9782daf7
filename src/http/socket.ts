/** Where the control socket of a state directory is. */
import { createHash } from "node:crypto"
import { existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type StateDirectory, StateUnusable } from "../runtime/StateDirectory.ts"

/** What fits into `sockaddr_un`: 108 bytes on Linux, 104 on macOS, the last of them zero. */
const LONGEST = process.platform === "linux" ? 107 : 103

const nameOf = (directory: string): string => join(directory, "control.sock")
const isTooLong = (path: string): boolean => Buffer.byteLength(path) > LONGEST

/** Where to connect to: a path that is too long for a socket is a link to a shorter one. */
export const connectable = (directory: string): string => {
  const path = nameOf(directory)
  return isTooLong(path) ? readlinkSync(path) : path
}

/** A path where nothing stands, for a socket. The directory is ours: a socket in it where nobody answers is from a life before. */
export const bindable = Effect.fnUntraced(function* ({
  path: directory
}: StateDirectory): Effect.fn.Return<string, StateUnusable, Scope.Scope> {
  const path = nameOf(directory)
  const fail = (because: string) => new StateUnusable({ directory, because })
  const attempt = <A>(act: () => A) =>
    Effect.try({ try: act, catch: (error) => fail(error instanceof Error ? error.message : String(error)) })

  const short = isTooLong(path) ? yield* attempt(() => join(runtimeFolder(), `${hashOf(directory)}.sock`)) : undefined
  for (const old of short === undefined ? [path] : [path, short]) {
    const kind = kindOf(old)
    if (kind === "foreign") return yield* fail(`there is a ${old} that is no socket`)
    if (kind === "socket" && (yield* answers(old))) return yield* fail(`another program listens on ${old}`)
    yield* attempt(() => rmSync(old, { force: true }))
  }
  if (short !== undefined) {
    yield* attempt(() => symlinkSync(short, path))
    yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(path, { force: true })))
  }
  return short ?? path
})

/** Of this user alone: in a folder that all may write to, somebody else could have made it before us. */
function runtimeFolder(): string {
  const folder = join(process.env.XDG_RUNTIME_DIR ?? tmpdir(), `supervise-${process.getuid?.() ?? "user"}`)
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 })
  const { uid, mode } = lstatSync(folder)
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) throw new Error(`${folder} is not a folder of this user alone`)
  return folder
}

/** The same for the same directory, so that a life after a kill -9 finds what was left. */
const hashOf = (directory: string): string => createHash("sha256").update(directory).digest("hex").slice(0, 16)

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
