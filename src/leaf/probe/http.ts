/** Does it answer a request with the right status, and the right text? */
import { Agent, type IncomingMessage, request } from "node:http"
import { Agent as SecureAgent, request as secureRequest } from "node:https"
import { resolve } from "node:path"
import { sayDuration } from "../../tree/duration.ts"
import type { HttpCheck } from "../../tree/Probe.ts"
import { compile } from "../pattern.ts"
import { addressOf, closing, hungUp, trouble } from "./network.ts"
import { MOST_READ, type ProbeResult, quoted, unanswered, withDeadline } from "./ProbeResult.ts"
import type { RunCheck } from "./ProbeTarget.ts"

/** A new connection each time, also for TLS: that one can be made is a part of what is to be known. */
const agent = new Agent({ keepAlive: false })
const secureAgent = new SecureAgent({ keepAlive: false, maxCachedSessions: 0 })

/** Redirects are not followed; by default they count as a success. */
export const http = ({ url, method, headers, status, body, insecure, socket, timeout }: HttpCheck): RunCheck => {
  const pattern = body === undefined ? undefined : compile(body)
  const to = new URL(url)
  const isSecure = to.protocol === "https:"
  const where = socket !== undefined ? `socket ${socket}` : addressOf(to.hostname, to.port || (isSecure ? 443 : 80))
  const options = { method, headers: { "user-agent": "supervise", ...headers } }
  const verdict = ({ statusCode = 0 }: IncomingMessage, text: string): ProbeResult => {
    if (statusCode < status.from || statusCode > status.to) return `answered ${statusCode}`
    return pattern === undefined || pattern.test(text)
      ? undefined
      : `answered ${statusCode} with ${quoted(text)}, which does not match /${body}/`
  }

  return ({ cwd }, signal) => {
    const through = socket === undefined ? {} : { socketPath: resolve(cwd, socket) }
    let answer: IncomingMessage | undefined
    const late = () => (answer === undefined ? unanswered(timeout) : `did not finish its answer within ${sayDuration(timeout)}`)
    return withDeadline({ timeout, signal, late }, (settle) => {
      const call = isSecure
        ? secureRequest(to, { ...options, ...through, agent: secureAgent, rejectUnauthorized: !insecure })
        : request(to, { ...options, ...through, agent })
      const release = closing(call)
      call.on("error", (error) => settle(answer === undefined ? trouble(error, where) : hungUp(where)))
      call.on("close", () => settle(hungUp(where)))
      call.on("response", (response) => {
        answer = response
        read(response, (text) => settle(verdict(response, text)))
      })
      call.end()
      return release
    })
  }
}

/** Its beginning, when that is complete: the whole, or as much as is looked at. What was cut off on its way is told by the request's close. */
const read = (response: IncomingMessage, done: (text: string) => void): void => {
  const chunks: Array<Buffer> = []
  let length = 0
  const finish = () => done(Buffer.concat(chunks).toString("utf8", 0, MOST_READ))
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length >= MOST_READ) finish()
  })
  response.on("end", finish)
  response.on("error", () => undefined)
}
