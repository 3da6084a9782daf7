/** Does it take a connection on its socket, and say what it should? */
import { connect } from "node:net"
import { resolve } from "node:path"
import type { UnixCheck } from "../../tree/Probe.ts"
import { compile } from "../pattern.ts"
import { closing, hungUp, trouble } from "./network.ts"
import { MOST_READ, quoted, unanswered, withDeadline } from "./ProbeResult.ts"
import type { RunCheck } from "./ProbeTarget.ts"

/** What the kernel has room for, without the NUL byte at its end. Elsewhere than on Linux it is a few bytes less. */
const LONGEST_PATH = 107

export const unix = ({ path, send, expect, timeout }: UnixCheck): RunCheck => {
  const pattern = expect === undefined ? undefined : compile(expect)
  return ({ cwd }, signal) => {
    const file = resolve(cwd, path)
    const bytes = Buffer.byteLength(file)
    if (bytes > LONGEST_PATH) return Promise.resolve(`the path of its socket is too long: ${bytes} bytes, ${LONGEST_PATH} are possible`)
    let said = ""
    const late = () => (said === "" ? unanswered(timeout) : unlike(said, expect))
    return withDeadline({ timeout, signal, late }, (settle) => {
      const where = `socket ${path}`
      const socket = connect({ path: file })
      const release = closing(socket)
      let heard = Buffer.alloc(0)
      socket.once("connect", () => {
        if (send !== undefined) socket.write(send, () => pattern === undefined && settle(undefined))
        else if (pattern === undefined) settle(undefined)
      })
      socket.on("data", (chunk: Buffer) => {
        heard = Buffer.concat([heard, chunk]).subarray(0, MOST_READ)
        said = heard.toString("utf8")
        if (pattern?.test(said)) settle(undefined)
        else if (heard.length >= MOST_READ) settle(unlike(said, expect))
      })
      socket.once("end", () => settle(said === "" ? hungUp(where) : unlike(said, expect)))
      socket.on("error", (error) => settle(trouble(error, where)))
      return release
    })
  }
}

const unlike = (said: string, expect: string | undefined): string => `answered ${quoted(said)}, which does not match /${expect}/`
