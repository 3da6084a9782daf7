/** Does it take a connection? */
import { connect } from "node:net"
import type { TcpCheck } from "../../tree/Probe.ts"
import { addressOf, closing, isItself, trouble } from "./network.ts"
import { unanswered, withDeadline } from "./ProbeResult.ts"
import type { RunCheck } from "./ProbeTarget.ts"

export const tcp =
  ({ host, port, timeout }: TcpCheck): RunCheck =>
  (_, signal) =>
    withDeadline({ timeout, signal, late: () => unanswered(timeout) }, (settle) => {
      const where = addressOf(host, port)
      const socket = connect({ host: host.replace(/^\[(.*)\]$/, "$1"), port })
      const release = closing(socket)
      socket.once("connect", () => settle(isItself(socket) ? `connection refused by ${where}` : undefined))
      socket.on("error", (error) => settle(trouble(error, where)))
      return release
    })
