/**
 * A second proof, besides the lock, that one supervisor runs with a state directory. The lock goes when its folder is
 * removed (`git clean`, a cleaner of old files), and until it is made again a second supervisor could start every
 * worker twice. A name in the abstract namespace of sockets, which only Linux has, cannot be taken from the process
 * that holds it, and is free when that process ends.
 */
import { createHash } from "node:crypto"
import { readdirSync, statSync } from "node:fs"
import { createServer } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { linkOf, ownProcesses, readProc } from "../../leaf/os/proc.ts"

/** Holds the name of this directory until the scope closes. Answers the pid of the process that has it already. */
export const holdName = (directory: string): Effect.Effect<number | undefined, never, Scope.Scope> =>
  Effect.gen(function* () {
    if (process.platform !== "linux") return undefined
    const name = nameOf(directory)
    const { isTaken } = yield* Effect.acquireRelease(listen(name), ({ close }) => Effect.sync(close))
    // Without the holder the name proves nothing: any other user can take it, too.
    return isTaken ? holderOf(name) : undefined
  })

/** Every mount namespace and every root has a path of its own with these letters. */
const nameOf = (directory: string): string => {
  const { dev, ino } = statSync("/")
  const key = [process.geteuid?.(), linkOf("/proc/self/ns/mnt"), dev, ino, directory].join(" ")
  return `supervise/${createHash("sha256").update(key).digest("hex")}`
}

const listen = (name: string): Effect.Effect<{ readonly isTaken: boolean; readonly close: () => void }> =>
  Effect.callback((resume) => {
    const server = createServer((socket) => socket.destroy()).unref()
    const settle = (isTaken: boolean) => () => resume(Effect.succeed({ isTaken, close: () => server.close() }))
    server.on("error", settle(true)).listen({ path: `\0${name}`, exclusive: true }, settle(false))
  })

/** The process of ours that listens there. */
const holderOf = (name: string): number | undefined => {
  const inode = readProc("/proc/net/unix")
    .split("\n")
    .find((line) => line.endsWith(` @${name}`))
    ?.split(/ +/)[6]
  return ownProcesses().find((pid) => socketsOf(pid).includes(`socket:[${inode}]`))
}

const socketsOf = (pid: number): ReadonlyArray<string> => {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
  } catch {
    return [] // it has just ended
  }
}
