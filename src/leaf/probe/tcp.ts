/** Checks that a port accepts connections. */
import { connect } from "node:net"
import type { TcpCheck } from "../../tree/Probe.ts"
import { addressOf, connectionError, disposerOf, isSelfConnected } from "./network.ts"
import { noAnswerWithin, withDeadline } from "./ProbeResult.ts"
import type { RunCheck } from "./ProbeTarget.ts"

export const tcp =
  ({ host, port, timeout }: TcpCheck): RunCheck =>
  (_, signal) =>
    withDeadline({ timeout, signal, onTimeout: () => noAnswerWithin(timeout) }, (settle) => {
      const peer = addressOf(host, port)
      const socket = connect({ host: host.replace(/^\[(.*)\]$/, "$1"), port })
      const dispose = disposerOf(socket)
      socket.once("connect", () => settle(isSelfConnected(socket) ? `connection refused by ${peer}` : undefined))
      socket.on("error", (error) => settle(connectionError(error, peer)))
      return dispose
    })
