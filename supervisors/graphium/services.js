/**
 * The processes of one agent's services. Each leads a session of its own, so it does not stop with the agent. The
 * agent's register has its pid and start time, so the next incarnation finds it again, and never mistakes another
 * process for it.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, openSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { STATE } from "./wire.js"

const SETTLE_MS = 200 // a service that exits sooner has failed to start
const STOP_MS = 3000 // after this it is killed
const LOOK_MS = 20

// A service begins when it is in the register. If its agent dies before that, the service reads the end of its input
// and exits.
const GATE = 'read -r go && exec "$@"'

export class Services {
  #agent
  #file
  #register // name → { pid, began }
  #ending = false

  constructor(agent) {
    this.#agent = agent
    this.#file = join(STATE, `${agent}.book`)
    this.#register = registerIn(this.#file)
  }

  get names() {
    return Object.keys(this.#register)
  }

  get ending() {
    return this.#ending
  }

  /** The pids of the running services, by name. */
  get pids() {
    return Object.fromEntries(this.names.flatMap((name) => (this.pid(name) ? [[name, this.pid(name)]] : [])))
  }

  /** Its pid, if it runs. */
  pid(name) {
    const { pid, began } = this.#register[name] ?? {}
    return pid > 1 && began && beginningOf(pid) === began ? pid : undefined
  }

  async start(name, command) {
    if (this.pid(name)) return
    if (this.#ending) throw new Error("the agent is being stopped")
    const log = openSync(join(STATE, `${this.#agent}-${name}.log`), "w", 0o600)
    // It outlives this agent: without this variable nobody takes it for something that the agent has left behind.
    const { SUPERVISE_SUPERVISOR: _, ...env } = process.env
    const child = spawn("sh", ["-c", GATE, "sh", ...command], { detached: true, stdio: ["pipe", log, log], env })
    closeSync(log)
    child.stdin.on("error", () => {}) // it is gone: its exit is handled
    const ended = once(child, "exit").then(([code, signal]) => `${command.join(" ")} has ended at once (${signal ?? `exit code ${code}`})`)
    const began = beginningOf(child.pid)
    this.#write(name, { pid: child.pid, began })
    child.stdin.end(began ? "go\n" : "") // a service that we could not find again must not start
    const early = await Promise.race([ended, pause(SETTLE_MS)])
    if (early) throw new Error(early)
  }

  /** Resolves when it is gone. */
  async stop(name) {
    const pid = this.pid(name)
    for (const signal of ["SIGTERM", "SIGKILL"]) {
      if (this.pid(name)) signalGroup(pid, signal)
      for (const end = performance.now() + STOP_MS; this.pid(name) && performance.now() < end; ) await pause(LOOK_MS)
    }
    if (this.pid(name)) throw new Error(`${name} (pid ${pid}) cannot be killed`)
    this.#write(name, undefined)
  }

  /** Stops all of them, and starts none any more. */
  async stopAll() {
    this.#ending = true
    await Promise.all(this.names.map((name) => this.stop(name)))
  }

  /** Readers find the old register or the new one, never half of it. */
  #write(name, entry) {
    this.#register[name] = entry
    if (!entry) delete this.#register[name]
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#register), { mode: 0o600 })
    renameSync(`${this.#file}.new`, this.#file)
  }
}

/** Everything in any agent's register. */
export const stopAllServices = () =>
  Promise.all(
    readdirSync(STATE).flatMap((file) => (file.endsWith(".book") ? [new Services(file.slice(0, -".book".length)).stopAll()] : []))
  )

function registerIn(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return {} // no register yet
  }
}

/** When it began, in ticks since boot; undefined if it has ended. A pid alone may have been reused. */
function beginningOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" ? undefined : Number(fields[19])
  } catch {}
}

/** Signals it and everything it started. Never groups 0 or 1, which would reach us, or every process. */
function signalGroup(pid, signal) {
  if (!Number.isSafeInteger(pid) || pid <= 1) throw new Error(`${pid} is not the pid of a service`)
  try {
    process.kill(-pid, signal)
  } catch {} // it has exited meanwhile
}
