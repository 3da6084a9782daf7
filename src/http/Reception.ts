/** Hands connections on to an HTTP server that is made when the first one comes, and sees to it that nobody is cut short at the end. */
import type { Server } from "node:http"
import type { Socket } from "node:net"
import * as Effect from "effect/Effect"

/** How long, once the tree is down, we wait for those who read its last events slowly. */
const FAREWELL_MS = 1000

interface Reception {
  /** Takes a connection from which nothing has been read yet. */
  readonly accept: (socket: Socket) => void
  /** Done when every request has been answered, or its time is over; then nobody is connected any more. */
  readonly farewell: Effect.Effect<void>
}

export function makeReception(load: () => Promise<Server>): Reception {
  const connected = new Set<Socket>()
  let unanswered = 0
  let allAnswered = (): void => {}
  let http: Promise<Server> | undefined

  const open = async (): Promise<Server> => {
    const server = await load()
    return server.prependListener("request", (_, response) => {
      unanswered++
      response.once("close", () => {
        if (--unanswered === 0) allAnswered()
      })
    })
  }

  const accept = (socket: Socket): void => {
    connected.add(socket)
    socket.once("close", () => connected.delete(socket)).on("error", () => {}) // whoever asked has gone
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

  const farewell = Effect.callback<void>((resume) => {
    const leave = (): void => {
      clearTimeout(timer)
      for (const socket of connected) socket.destroy()
      resume(Effect.void)
    }
    const timer = setTimeout(leave, FAREWELL_MS)
    allAnswered = leave
    if (unanswered === 0) leave()
  })

  return { accept, farewell }
}
