/** Creates the HTTP server on the first connection, limits connections, and drains them at shutdown. */
import type { Server } from "node:http"
import type { Socket } from "node:net"
import * as Effect from "effect/Effect"

/** At most this many connections; the next are refused. */
export const MAX_CONNECTIONS = 128
/** At most this many refused connections get an explanation; beyond that they are only closed. */
export const MAX_REFUSED = 32
/** How long a refused client may take to read the explanation. */
const REFUSAL_MS = 1000
/** How long, once the tree is down, to wait for clients that read its last events slowly. */
const DRAIN_MS = 1000

interface ConnectionLimiter {
  /** Takes a connection from which nothing has been read yet. */
  readonly accept: (socket: Socket) => void
  /** Waits until every request is answered, or `DRAIN_MS` have passed; then closes every connection. */
  readonly drain: Effect.Effect<void>
}

export function makeConnectionLimiter(load: () => Promise<Server>): ConnectionLimiter {
  const connected = new Set<Socket>()
  const refused = new Set<Socket>()
  let unanswered = 0
  let allAnswered = (): void => {}
  let http: Promise<Server> | undefined

  const open = async (): Promise<Server> => {
    const server = await load()
    // The server never listens, but this event makes Node close connections without a complete request.
    server.emit("listening")
    return server.prependListener("request", (_, response) => {
      unanswered++
      response.once("close", () => {
        if (--unanswered === 0) allAnswered()
      })
    })
  }

  const track = (sockets: Set<Socket>, socket: Socket): void => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket)).on("error", () => {}) // the client has gone
  }

  const accept = (socket: Socket): void => {
    if (connected.size >= MAX_CONNECTIONS) return refuse(socket)
    track(connected, socket)
    http ??= open()
    http.then(
      (server) => {
        server.emit("connection", socket)
        socket.resume()
      },
      () => {
        http = undefined // for example no descriptors left; the next connection tries again
        socket.destroy()
      }
    )
  }

  /** Reads the request; otherwise the client would see a broken connection before it could read the answer. */
  const refuse = (socket: Socket): void => {
    track(refused, socket)
    socket.setTimeout(REFUSAL_MS, () => socket.destroy())
    socket.resume()
    socket.end(FULL_RESPONSE)
  }

  const drain = Effect.callback<void>((resume) => {
    const finish = (): void => {
      clearTimeout(timer)
      for (const socket of [...connected, ...refused]) socket.destroy()
      resume(Effect.void)
    }
    const timer = setTimeout(finish, DRAIN_MS)
    allAnswered = finish
    if (unanswered === 0) finish()
  })

  return { accept, drain }
}

const fullBody = JSON.stringify({
  type: "about:blank",
  status: 503,
  title: "Service Unavailable",
  detail: `This supervisor already has ${MAX_CONNECTIONS} connections and accepts no more. Close one of them.`
})
const FULL_RESPONSE = [
  "HTTP/1.1 503 Service Unavailable",
  "content-type: application/problem+json",
  `content-length: ${fullBody.length}`,
  "connection: close",
  "",
  fullBody
].join("\r\n")
