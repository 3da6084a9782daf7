/**
 * The server's connection to the daemon: connects until the daemon answers, and again when it is gone. It starts and
 * stops nothing: that is the tree's work.
 *
 * Events: `started` and `stopped`, with the daemon they are about.
 */
import { EventEmitter } from "node:events"
import { createConnection } from "node:net"
import { eachMessage, RpcError, send } from "./rpc.js"

export const PING_MS = Number(process.env.GOXEL_PING_MS ?? 2000) // how often it is pinged, and how long a ping may take
const REPLY_MS = 5000
const PAUSE_MS = 100

export class Link extends EventEmitter {
  /** Its pid and since when it runs, while connected. */
  daemon
  #socket
  #open = new Map() // id → what waits for its answer
  #ids = 0

  dial(path) {
    const socket = createConnection(path)
    this.#socket = socket
    socket.on("connect", () =>
      this.call("ping", {}, PING_MS).then(
        (daemon) => this.#greet(daemon),
        () => socket.destroy()
      )
    )
    eachMessage(socket, (message) => this.#settle(Object(message)))
    socket.on("close", () => {
      const gone = this.daemon
      this.daemon = undefined
      for (const { reject } of this.#open.values()) reject(new Error("the drawing daemon has gone"))
      if (gone) this.emit("stopped", gone)
      setTimeout(() => this.dial(path), PAUSE_MS)
    })
    return this
  }

  call(method, params, patience = REPLY_MS) {
    if (this.#socket.readyState !== "open") return Promise.reject(new Error("the drawing daemon is not there"))
    const id = ++this.#ids
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the drawing daemon has not answered within ${patience} ms`)), patience)
      this.#open.set(id, { resolve, reject, late })
      send(this.#socket, { id, method, params })
    }).finally(() => {
      clearTimeout(this.#open.get(id).late)
      this.#open.delete(id)
    })
  }

  /** What is known of it without asking. */
  status() {
    const { pid, started_at } = this.daemon ?? {}
    return pid ? { running: true, pid, uptime_seconds: Math.floor((Date.now() - Date.parse(started_at)) / 1000) } : { running: false }
  }

  /** Whether it answers now. */
  async health() {
    const asked = performance.now()
    try {
      const { pid, voxels } = await this.call("ping", {}, PING_MS)
      return { healthy: true, pid, voxels, took_ms: Math.round(performance.now() - asked) }
    } catch ({ message }) {
      return { healthy: false, because: message }
    }
  }

  #greet({ pid, started_at }) {
    this.daemon = { pid, started_at }
    this.emit("started", this.daemon)
  }

  #settle({ id, result, error }) {
    const { resolve, reject } = this.#open.get(id) ?? {} // an answer that comes too late is dropped
    error ? reject?.(new RpcError(error.code, error.message)) : resolve?.(result)
  }
}
