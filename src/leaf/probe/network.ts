/** What is common to checks that open a connection: how to let go of it, and what its errors mean. */
import type { Socket } from "node:net"
import { withoutPasswords } from "../../tree/redact.ts"
import type { Dispose } from "./ProbeResult.ts"

/** Closes it, and says so when it is closed: its own `closed` is true a little before its descriptor is. To be called first of all, when it is new. */
export const closing = (socket: { destroy(): unknown; once(event: "close", listener: () => void): unknown }): Dispose => {
  let isClosed = false
  socket.once("close", () => {
    isClosed = true
  })
  return (gone) => {
    if (isClosed) return gone()
    socket.once("close", gone)
    socket.destroy()
  }
}

/**
 * Is it connected to itself? Where nobody listens on a port from which connections are also made, Linux may give a new connection that very
 * port, and it meets itself: a server that has not started would look well.
 */
export const isItself = ({ localPort, remotePort, localAddress, remoteAddress }: Socket): boolean =>
  localPort !== undefined && localPort === remotePort && localAddress === remoteAddress

/** `::1` and 80 are `[::1]:80`. */
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

/** An error of a connection as what is wrong. `where` is the other side. */
export function trouble(error: unknown, where: string): string {
  const { code = "", message = String(error) } = error as NodeJS.ErrnoException
  if (code in UNTRUSTED) return `the certificate of ${where} is not trusted: ${UNTRUSTED[code]}`
  if (code.startsWith("HPE_")) return `${where} does not speak HTTP`
  switch (code) {
    case "ECONNREFUSED":
      return `connection refused by ${where}`
    case "ECONNRESET":
    case "EPIPE":
      return hungUp(where)
    case "ENOTFOUND":
      return `nobody knows the host of ${where}`
    case "EAI_AGAIN":
      return `the host of ${where} could not be looked up now`
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
      return `there is no way to ${where}`
    case "ENOENT":
      return `there is no ${where}`
    case "EACCES":
    case "EPERM":
      return `${where} may not be used by us`
    case "EMFILE":
    case "ENFILE":
      return "there are too many open files to ask (see `ulimit -n`)"
    case "EPROTO":
      return `${where} does not speak TLS`
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `the certificate of ${where} is made out for another name`
    default:
      return `${where} could not be asked: ${withoutPasswords(message)}`
  }
}

export const hungUp = (where: string): string => `${where} closed the connection without an answer`
