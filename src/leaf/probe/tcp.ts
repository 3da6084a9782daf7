/** Does it take a connection? */
import { connect } from "node:net"
import type { TcpCheck } from "../../spec/Probe.ts"
import { closing, isItself, place, trouble } from "./network.ts"
import type { Ask } from "./Target.ts"
import { settled, unanswered } from "./Verdict.ts"

export const tcp =
  ({ host, port, timeout }: TcpCheck): Ask =>
  (_, signal) =>
    settled({ timeout, signal, late: () => unanswered(timeout) }, (settle) => {
      const where = place(host, port)
      const socket = connect({ host: host.replace(/^\[(.*)\]$/, "$1"), port })
      const release = closing(socket)
      socket.once("connect", () => settle(isItself(socket) ? `connection refused by ${where}` : undefined))
      socket.on("error", (error) => settle(trouble(error, where)))
      return release
    })
