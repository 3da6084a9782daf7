/**
 * The queue: its tasks, which agent has which, and the services they result in. Everything that happens is an event,
 * and is recorded before it has an effect; the same events give the same queue again.
 *
 *   waiting → leased → done, or failed. Back to waiting: after an error, as often as `retries` says, and when the
 *   agent is lost.
 *   waiting → blocked: something it depends on has failed.
 */
import { Refusal } from "./wire.js"

const MAX_LOST_AGENTS = 5 // a task that has cost this many agents is at fault itself

export class Queue {
  tasks = new Map() // id → task
  services = new Map() // name → { name, agent, command, wanted }
  #record

  constructor({ events, append }) {
    for (const event of events) this.#effects[event.event](event)
    // An agent that had a task was stopped with the last server: the tree guarantees that.
    for (const task of this.#leased()) task.state = "waiting"
    this.#record = append
  }

  add(task) {
    const unknown = task.dependsOn.filter((id) => !this.tasks.has(id))
    if (unknown.length > 0) throw new Refusal(400, `it depends on ${unknown.join(", ")}, and there is no such task`)
    const id = this.tasks.size + 1
    this.#happens({ event: "added", id, task })
    return this.tasks.get(id)
  }

  /**
   * The next task for this agent: the highest priority first, then the oldest. An agent that asks again has lost what
   * it had.
   */
  next(agent, now, until) {
    for (const task of this.#leased()) if (task.until <= now || task.agent === agent) this.#happens({ event: "lost", id: task.id })
    const busy = new Set(this.#leased().map(({ service }) => service))
    const [first] = [...this.tasks.values()]
      .filter((task) => task.state === "waiting" && !busy.has(task.service)) // one at a time for each service
      .filter(({ service }) => [undefined, agent].includes(this.services.get(service)?.agent)) // it belongs to one agent
      .filter(({ dependsOn }) => dependsOn.every((id) => this.tasks.get(id).state === "done"))
      .sort((a, b) => b.priority - a.priority || a.id - b.id)
    if (!first) return
    this.#happens({ event: "leased", id: first.id, agent })
    return Object.assign(first, { until })
  }

  renew(id, lease, until) {
    this.#held(id, lease).until = until
  }

  settle(id, lease, error) {
    this.#held(id, lease)
    this.#happens(error === undefined ? { event: "done", id } : { event: "failed", id, error: String(error) })
  }

  /** Only the holder of the latest lease may report: another agent may have the task by now. */
  #held(id, lease) {
    const task = this.tasks.get(id)
    if (task?.state === "leased" && task.leases === lease) return task
    throw new Refusal(409, `lease ${lease} of task ${id} is over`)
  }

  #leased = () => [...this.tasks.values()].filter(({ state }) => state === "leased")

  #happens(event) {
    this.#record(event)
    this.#effects[event.event](event)
  }

  #effects = {
    added: ({ id, task }) => {
      this.tasks.set(id, { id, ...task, state: "waiting", leases: 0, errors: 0, lost: 0 })
      for (const other of task.dependsOn) this.#block(this.tasks.get(other))
    },
    leased: ({ id, agent }) => {
      const task = this.tasks.get(id)
      Object.assign(task, { state: "leased", agent, leases: task.leases + 1 })
    },
    lost: ({ id }) => {
      const task = this.tasks.get(id)
      task.lost += 1
      this.#again(task, task.lost < MAX_LOST_AGENTS, `${task.lost} agents were lost over it`)
    },
    failed: ({ id, error }) => {
      const task = this.tasks.get(id)
      task.errors += 1
      this.#again(task, task.errors <= task.retries, error)
    },
    done: ({ id }) => {
      const { kind, service: name, command, agent } = Object.assign(this.tasks.get(id), { state: "done", reason: undefined })
      const before = this.services.get(name)
      if (kind === "delete") this.services.delete(name)
      else if (command || before)
        this.services.set(name, { name, agent, command: command ?? before.command, wanted: kind === "stop" ? "stopped" : "running" })
    }
  }

  #again(task, may, reason) {
    Object.assign(task, { state: may ? "waiting" : "failed", reason })
    this.#block(task)
  }

  /** If this has failed, what depends on it will never be done, nor what depends on that. */
  #block({ id, state, kind, service }) {
    if (state !== "failed" && state !== "blocked") return
    for (const task of this.tasks.values()) {
      if (task.state !== "waiting" || !task.dependsOn.includes(id)) continue
      Object.assign(task, {
        state: "blocked",
        reason: `task ${id} (${kind} ${service}) ${state === "failed" ? "has failed" : "is blocked"}`
      })
      this.#block(task)
    }
  }
}
