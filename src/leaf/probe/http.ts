/** Checks that a server answers a request with the right status, and the right text. */
import { Agent, type IncomingMessage, request } from "node:http"
import { Agent as SecureAgent, request as secureRequest } from "node:https"
import { resolve } from "node:path"
import { sayDuration } from "../../tree/duration.ts"
import type { HttpCheck } from "../../tree/Probe.ts"
import { compile } from "../../tree/pattern.ts"
import { addressOf, closedWithoutAnswer, connectionError, disposerOf } from "./network.ts"
import { MAX_READ, noAnswerWithin, type ProbeResult, quoted, withDeadline } from "./ProbeResult.ts"
import type { RunCheck } from "./ProbeTarget.ts"

/** A new connection each time, also for TLS: being able to connect is part of the check. */
const agent = new Agent({ keepAlive: false })
const secureAgent = new SecureAgent({ keepAlive: false, maxCachedSessions: 0 })

/** Redirects are not followed. By default they count as success. */
export const http = ({ url, method, headers, status, body, insecure, socket, timeout }: HttpCheck): RunCheck => {
  const pattern = body === undefined ? undefined : compile(body)
  const to = new URL(url)
  const isSecure = to.protocol === "https:"
  const peer = socket !== undefined ? `socket ${socket}` : addressOf(to.hostname, to.port || (isSecure ? 443 : 80))
  const options = { method, headers: { "user-agent": "supervise", ...headers } }
  const resultOf = ({ statusCode = 0 }: IncomingMessage, text: string): ProbeResult => {
    if (statusCode < status.from || statusCode > status.to) return `answered ${statusCode}`
    return pattern === undefined || pattern.test(text)
      ? undefined
      : `answered ${statusCode} with ${quoted(text)}, which does not match /${body}/`
  }

  return ({ cwd }, signal) => {
    const via = socket === undefined ? {} : { socketPath: resolve(cwd, socket) }
    let answer: IncomingMessage | undefined
    const onTimeout = () => (answer === undefined ? noAnswerWithin(timeout) : `did not finish its answer within ${sayDuration(timeout)}`)
    return withDeadline({ timeout, signal, onTimeout }, (settle) => {
      const outgoing = isSecure
        ? secureRequest(to, { ...options, ...via, agent: secureAgent, rejectUnauthorized: !insecure })
        : request(to, { ...options, ...via, agent })
      const dispose = disposerOf(outgoing)
      outgoing.on("error", (error) => settle(answer === undefined ? connectionError(error, peer) : closedWithoutAnswer(peer)))
      outgoing.on("close", () => settle(closedWithoutAnswer(peer)))
      outgoing.on("response", (response) => {
        answer = response
        read(response, (text) => settle(resultOf(response, text)))
      })
      outgoing.end()
      return dispose
    })
  }
}

/**
 * The beginning of the body, as soon as it is complete: all of it, or as much as is read. A body cut off on the way is
 * reported by the request's close.
 */
const read = (response: IncomingMessage, done: (text: string) => void): void => {
  const chunks: Array<Buffer> = []
  let length = 0
  const finish = () => done(Buffer.concat(chunks).toString("utf8", 0, MAX_READ))
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length >= MAX_READ) finish()
  })
  response.on("end", finish)
  response.on("error", () => undefined)
}
