/** Shared by the checks that open a connection: closing it, and explaining its errors. */
import type { Socket } from "node:net"
import { withoutPasswords } from "../../tree/redact.ts"
import type { Dispose } from "./ProbeResult.ts"

/**
 * Destroys a socket and waits until its descriptor is closed: its own `closed` is true a little earlier. Call this as
 * soon as the socket is created.
 */
export const disposerOf = (socket: { destroy(): unknown; once(event: "close", listener: () => void): unknown }): Dispose => {
  let isClosed = false
  socket.once("close", () => {
    isClosed = true
  })
  return (done) => {
    if (isClosed) return done()
    socket.once("close", done)
    socket.destroy()
  }
}

/**
 * Is the socket connected to itself? If nothing listens on a port of the range for outgoing connections, Linux may
 * assign that same port to a new connection, which then meets itself: a server that has not started would look well.
 */
export const isSelfConnected = ({ localPort, remotePort, localAddress, remoteAddress }: Socket): boolean =>
  localPort !== undefined && localPort === remotePort && localAddress === remoteAddress

/** `::1` and 80 become `[::1]:80`. */
export const addressOf = (host: string, port: number | string): string =>
  host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`

const UNTRUSTED: { readonly [code: string]: string } = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "it is signed by an authority that this machine does not know",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "it is signed by an authority that this machine does not know",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "it is signed by an authority that this machine does not know",
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet"
}

/** Explains the error of a connection. `peer` is the other side. */
export function connectionError(error: unknown, peer: string): string {
  const { code = "", message = String(error) } = error as NodeJS.ErrnoException
  if (code in UNTRUSTED) return `the certificate of ${peer} is not trusted: ${UNTRUSTED[code]}`
  if (code.startsWith("HPE_")) return `${peer} does not speak HTTP`
  switch (code) {
    case "ECONNREFUSED":
      return `connection refused by ${peer}`
    case "ECONNRESET":
    case "EPIPE":
      return closedWithoutAnswer(peer)
    case "ENOTFOUND":
      return `the host of ${peer} does not exist`
    case "EAI_AGAIN":
      return `the host of ${peer} could not be looked up: DNS does not answer`
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
      return `there is no route to ${peer}`
    case "ENOENT":
      return `there is no ${peer}`
    case "EACCES":
    case "EPERM":
      return `we have no permission to connect to ${peer}`
    case "EMFILE":
    case "ENFILE":
      return "the supervisor has too many open files to run this check (see `ulimit -n`)"
    case "EPROTO":
      return `${peer} does not speak TLS`
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `the certificate of ${peer} is for another host name`
    default:
      return `connecting to ${peer} failed: ${withoutPasswords(message)}`
  }
}

export const closedWithoutAnswer = (peer: string): string => `${peer} closed the connection without an answer`
