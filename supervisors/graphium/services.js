/**
 * The processes of one agent's services. Each is the leader of a session of its own, so it does not fall with the agent; the agent's book
 * says its pid and when it began, so the agent's next life finds it again, and never takes a stranger for it.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, openSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { STATE } from "./wire.js"

const SETTLE_MS = 200 // who ends sooner has not started
const STOP_MS = 3000 // then it is killed
const LOOK_MS = 20

// A service begins when it stands in the book. If its agent dies before that, it reads the end of its input, and goes.
const GATE = 'read -r go && exec "$@"'

export class Services {
  #agent
  #file
  #book // name → { pid, began }
  #ending = false

  constructor(agent) {
    this.#agent = agent
    this.#file = join(STATE, `${agent}.book`)
    this.#book = bookIn(this.#file)
  }

  get names() {
    return Object.keys(this.#book)
  }

  get ending() {
    return this.#ending
  }

  /** Those that run, by name. */
  get pids() {
    return Object.fromEntries(this.names.flatMap((name) => (this.pid(name) ? [[name, this.pid(name)]] : [])))
  }

  /** Its pid, if it runs. */
  pid(name) {
    const { pid, began } = this.#book[name] ?? {}
    return pid > 1 && began && beginningOf(pid) === began ? pid : undefined
  }

  async start(name, command) {
    if (this.pid(name)) return
    if (this.#ending) throw new Error("the agent is being stopped")
    const log = openSync(join(STATE, `${this.#agent}-${name}.log`), "w", 0o600)
    const child = spawn("sh", ["-c", GATE, "sh", ...command], { detached: true, stdio: ["pipe", log, log] })
    closeSync(log)
    child.stdin.on("error", () => {}) // it is gone: its exit says so
    const ended = once(child, "exit").then(([code, signal]) => `${command.join(" ")} has ended at once (${signal ?? `exit code ${code}`})`)
    const began = beginningOf(child.pid)
    this.#write(name, { pid: child.pid, began })
    child.stdin.end(began ? "go\n" : "") // whom we could not find again, we do not let go
    const early = await Promise.race([ended, pause(SETTLE_MS)])
    if (early) throw new Error(early)
  }

  /** Answers when it is gone. */
  async stop(name) {
    const pid = this.pid(name)
    for (const signal of ["SIGTERM", "SIGKILL"]) {
      if (this.pid(name)) tellGroup(pid, signal)
      for (const end = performance.now() + STOP_MS; this.pid(name) && performance.now() < end; ) await pause(LOOK_MS)
    }
    if (this.pid(name)) throw new Error(`${name} (pid ${pid}) cannot be killed`)
    this.#write(name, undefined)
  }

  /** All of them, and none is started any more. */
  async stopAll() {
    this.#ending = true
    await Promise.all(this.names.map((name) => this.stop(name)))
  }

  /** Whoever reads finds the old book or the new one, never half of it. */
  #write(name, entry) {
    this.#book[name] = entry
    if (!entry) delete this.#book[name]
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#book), { mode: 0o600 })
    renameSync(`${this.#file}.new`, this.#file)
  }
}

/** Whatever stands in any agent's book. */
export const stopAllServices = () =>
  Promise.all(
    readdirSync(STATE).flatMap((file) => (file.endsWith(".book") ? [new Services(file.slice(0, -".book".length)).stopAll()] : []))
  )

function bookIn(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return {} // the first time
  }
}

/** When it began, in ticks since the system did; undefined if it has ended. A pid alone may be somebody else's by now. */
function beginningOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" ? undefined : Number(fields[19])
  } catch {}
}

/** With all that it has started. Never to us all: a group of 0 or 1 would be just that. */
function tellGroup(pid, signal) {
  if (!Number.isSafeInteger(pid) || pid <= 1) throw new Error(`${pid} is nobody's pid`)
  try {
    process.kill(-pid, signal)
  } catch {} // gone meanwhile
}
