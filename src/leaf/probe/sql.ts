/** Checks that PostgreSQL answers a query. A new connection each time: being able to connect is part of the check. */
import { Socket } from "node:net"
import { sayDuration } from "../../tree/duration.ts"
import type { SqlCheck } from "../../tree/Probe.ts"
import { withoutPasswords } from "../../tree/redact.ts"
import { addressOf, closedWithoutAnswer, connectionError, disposerOf } from "./network.ts"
import { noAnswerWithin, type ProbeResult, withDeadline } from "./ProbeResult.ts"
import type { RunCheck } from "./ProbeTarget.ts"

/** What we use of the package `pg`, which is there only if the user has installed it. */
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
/** It is a CommonJS module. */
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
    const onTimeout = () => (connected ? `did not answer the query within ${sayDuration(timeout)}` : noAnswerWithin(timeout))
    return withDeadline({ timeout, signal, onTimeout }, (settle) => {
      // Our own socket, so that we can close it whatever the driver is waiting for.
      const socket = new Socket()
      const dispose = disposerOf(socket)
      const client = new driver.Client({ connectionString: url, application_name: "supervise", stream: () => socket })
      client.on("error", (error) => settle(failure(error, url)))
      const runQuery = async (): Promise<void> => {
        await client.connect()
        connected = true
        await client.query(query)
        // Without this, PostgreSQL logs a broken connection.
        await client.end()
      }
      runQuery().then(
        () => settle(undefined),
        (error) => settle(failure(error, url))
      )
      return dispose
    })
  }

const withoutDriver = (error: unknown): ProbeResult => {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND")
    return "PostgreSQL checks need the package pg, which is not installed: npm install pg"
  return `the package pg, which PostgreSQL checks need, could not be loaded: ${message}`
}

/** The database's own errors have a code of five characters (SQLSTATE). */
const failure = (reason: unknown, url: string): ProbeResult => {
  const error: NodeJS.ErrnoException = reason instanceof Error ? reason : new Error(String(reason))
  const { code, message } = error
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code))
    return `the database said: ${withoutPasswords(message)}`
  return /^Connection terminated/.test(message) ? closedWithoutAnswer(peerOf(url)) : connectionError(error, peerOf(url))
}

/** A host that is a folder is where PostgreSQL has its socket. */
const peerOf = (url: string): string => {
  const { hostname, port } = new URL(url)
  const host = decoded(hostname)
  return host.startsWith("/") ? `the PostgreSQL of ${host}` : addressOf(host, port || 5432)
}

/** A per cent sign that is no escape stays as it is: a URL may have one, and this is only for a sentence. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
