/** Does PostgreSQL answer a query? A new connection each time: that one can be made is a part of what is to be known. */
import { Socket } from "node:net"
import { sayDuration } from "../../tree/duration.ts"
import type { SqlCheck } from "../../tree/Probe.ts"
import { withoutPasswords } from "../../tree/redact.ts"
import { addressOf, closing, hungUp, trouble } from "./network.ts"
import { type ProbeResult, unanswered, withDeadline } from "./ProbeResult.ts"
import type { RunCheck } from "./ProbeTarget.ts"

/** What is used of the package `pg`, which is there only where somebody has installed it. */
interface Driver {
  readonly Client: new (config: {
    readonly connectionString: string
    readonly application_name: string
    readonly stream: () => Socket
  }) => Client
}
interface Client {
  connect(): Promise<unknown>
  query(text: string): Promise<unknown>
  end(): Promise<unknown>
  on(event: "error", listener: (error: unknown) => void): unknown
}

const NAME: string = "pg"
/** It is a module of CommonJS. */
const loadDriver = async (): Promise<Driver> => {
  const { default: driver } = await import(NAME)
  return driver
}

/** `load` is for tests. */
export const sql =
  ({ url, query, timeout }: SqlCheck, load = loadDriver): RunCheck =>
  async (_, signal) => {
    let driver: Driver
    try {
      driver = await load()
    } catch (error) {
      return withoutDriver(error)
    }
    let connected = false
    const late = () => (connected ? `did not answer the query within ${sayDuration(timeout)}` : unanswered(timeout))
    return withDeadline({ timeout, signal, late }, (settle) => {
      // Ours, so that we can let go of it whatever the driver is waiting for.
      const socket = new Socket()
      const release = closing(socket)
      const client = new driver.Client({ connectionString: url, application_name: "supervise", stream: () => socket })
      client.on("error", (error) => settle(refused(error, url)))
      const asked = async (): Promise<void> => {
        await client.connect()
        connected = true
        await client.query(query)
        // A connection that just breaks off stands in the database's log.
        await client.end()
      }
      asked().then(
        () => settle(undefined),
        (error) => settle(refused(error, url))
      )
      return release
    })
  }

const withoutDriver = (error: unknown): ProbeResult => {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND")
    return "the package pg is missing, which asks PostgreSQL: npm install pg"
  return `the package pg, which asks PostgreSQL, could not be loaded: ${message}`
}

/** The database's own errors have a code of five characters (SQLSTATE), and a sentence. */
const refused = (reason: unknown, url: string): ProbeResult => {
  const error: NodeJS.ErrnoException = reason instanceof Error ? reason : new Error(String(reason))
  const { code, message } = error
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code))
    return `the database said: ${withoutPasswords(message)}`
  return /^Connection terminated/.test(message) ? hungUp(whereOf(url)) : trouble(error, whereOf(url))
}

/** A host that is a folder is one where PostgreSQL has its socket. */
const whereOf = (url: string): string => {
  const { hostname, port } = new URL(url)
  const host = decoded(hostname)
  return host.startsWith("/") ? `the PostgreSQL of ${host}` : addressOf(host, port || 5432)
}

/** A per cent sign that is no escape is left as it stands: a URL may have one, and this only completes a sentence. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
