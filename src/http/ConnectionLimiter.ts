/** Hands connections on to an HTTP server that is made when the first one comes, and sees to it that nobody is cut short at the end. */
import type { Server } from "node:http"
import type { Socket } from "node:net"
import * as Effect from "effect/Effect"

/** So many may be connected at a time; the next ones are turned away. */
export const MAX_CONNECTIONS = 128
/** So many are told that they are turned away, and why; beyond that they only see the connection closed. */
export const MAX_TURNED_AWAY = 32
/** How long who is turned away may take to read why. */
const TURN_AWAY_MS = 1000
/** How long, once the tree is down, we wait for those who read its last events slowly. */
const FAREWELL_MS = 1000

interface Reception {
  /** Takes a connection from which nothing has been read yet. */
  readonly accept: (socket: Socket) => void
  /** Done when every request has been answered, or its time is over; then nobody is connected any more. */
  readonly farewell: Effect.Effect<void>
}

export function makeConnectionLimiter(load: () => Promise<Server>): Reception {
  const connected = new Set<Socket>()
  const turnedAway = new Set<Socket>()
  let unanswered = 0
  let allAnswered = (): void => {}
  let http: Promise<Server> | undefined

  const open = async (): Promise<Server> => {
    const server = await load()
    // It never listens itself; but it is then that Node's server begins to close connections on which no request is completed.
    server.emit("listening")
    return server.prependListener("request", (_, response) => {
      unanswered++
      response.once("close", () => {
        if (--unanswered === 0) allAnswered()
      })
    })
  }

  const enter = (among: Set<Socket>, socket: Socket): void => {
    among.add(socket)
    socket.once("close", () => among.delete(socket)).on("error", () => {}) // whoever asked has gone
  }

  const accept = (socket: Socket): void => {
    if (connected.size >= MAX_CONNECTIONS) return turnAway(socket)
    enter(connected, socket)
    http ??= open()
    http.then(
      (server) => {
        server.emit("connection", socket)
        socket.resume()
      },
      () => {
        http = undefined // such as when there are no descriptors left: the next one may have more luck
        socket.destroy()
      }
    )
  }

  /** What it asks for is read, as otherwise it would hear of a broken connection before it could read the answer. */
  const turnAway = (socket: Socket): void => {
    enter(turnedAway, socket)
    socket.setTimeout(TURN_AWAY_MS, () => socket.destroy())
    socket.resume()
    socket.end(FULL)
  }

  const farewell = Effect.callback<void>((resume) => {
    const leave = (): void => {
      clearTimeout(timer)
      for (const socket of [...connected, ...turnedAway]) socket.destroy()
      resume(Effect.void)
    }
    const timer = setTimeout(leave, FAREWELL_MS)
    allAnswered = leave
    if (unanswered === 0) leave()
  })

  return { accept, farewell }
}

const full = JSON.stringify({
  type: "about:blank",
  status: 503,
  title: "Service Unavailable",
  detail: `${MAX_CONNECTIONS} are connected to this supervisor, and it takes no more; close one of them.`
})
const FULL = [
  "HTTP/1.1 503 Service Unavailable",
  "content-type: application/problem+json",
  `content-length: ${full.length}`,
  "connection: close",
  "",
  full
].join("\r\n")
