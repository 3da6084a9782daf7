/** Checks that a unix socket accepts connections and answers as expected. */
import { connect } from "node:net"
import { resolve } from "node:path"
import type { UnixCheck } from "../../tree/Probe.ts"
import { compile, MATCH_LIMIT } from "../../tree/pattern.ts"
import { closedWithoutAnswer, connectionError, disposerOf } from "./network.ts"
import { noAnswerWithin, quoted, withDeadline } from "./ProbeResult.ts"
import type { RunCheck } from "./ProbeTarget.ts"

/** The most bytes the kernel has room for, without the final NUL. Outside Linux it is a few less. */
const MAX_PATH_BYTES = 107

export const unix = ({ path, send, expect, timeout }: UnixCheck): RunCheck => {
  const pattern = expect === undefined ? undefined : compile(expect)
  return ({ cwd }, signal) => {
    const file = resolve(cwd, path)
    const bytes = Buffer.byteLength(file)
    if (bytes > MAX_PATH_BYTES)
      return Promise.resolve(`the path of its socket is too long: ${bytes} bytes, at most ${MAX_PATH_BYTES} are possible`)
    let answer = ""
    const onTimeout = () => (answer === "" ? noAnswerWithin(timeout) : mismatch(answer, expect))
    return withDeadline({ timeout, signal, onTimeout }, (settle) => {
      const peer = `socket ${path}`
      const socket = connect({ path: file })
      const dispose = disposerOf(socket)
      let received = Buffer.alloc(0)
      socket.once("connect", () => {
        if (send !== undefined) socket.write(send, () => pattern === undefined && settle(undefined))
        else if (pattern === undefined) settle(undefined)
      })
      socket.on("data", (chunk: Buffer) => {
        // The answer may come byte by byte, and is matched each time, so it is a short one.
        received = Buffer.concat([received, chunk]).subarray(0, MATCH_LIMIT)
        answer = received.toString("utf8")
        if (pattern?.test(answer)) settle(undefined)
        else if (received.length >= MATCH_LIMIT) settle(mismatch(answer, expect))
      })
      socket.once("end", () => settle(answer === "" ? closedWithoutAnswer(peer) : mismatch(answer, expect)))
      socket.on("error", (error) => settle(connectionError(error, peer)))
      return dispose
    })
  }
}

const mismatch = (answer: string, expect: string | undefined): string => `answered ${quoted(answer)}, which does not match /${expect}/`
