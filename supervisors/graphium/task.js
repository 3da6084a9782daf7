/** What a task may contain, and how it is printed. A mistake is reported as a sentence. */
import { Refusal } from "./wire.js"

const KINDS = ["deploy", "update", "start", "stop", "restart", "delete"]
const WITH_COMMAND = ["deploy", "update"]

const isWhole = (least, most) => (value) => Number.isInteger(value) && value >= least && value <= most
const isCommand = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string" && !word.includes("\0"))

const fields = {
  kind: [(value) => KINDS.includes(value), `one of ${KINDS.join(", ")}`],
  service: [(value) => typeof value === "string" && /^[a-z][a-z0-9-]{0,63}$/.test(value), "a name of small letters, digits and -"],
  command: [isCommand, "a list of words"],
  before: [isCommand, "a list of words"],
  priority: [isWhole(-1000, 1000), "a whole number from -1000 to 1000"],
  retries: [isWhole(0, 100), "a whole number from 0 to 100"],
  dependsOn: [(value) => Array.isArray(value) && value.every(isWhole(1, Number.MAX_SAFE_INTEGER)), "a list of ids of tasks"]
}

/** A complete task, from a request. */
export function taskOf(body) {
  const task = { priority: 0, retries: 0, dependsOn: [], kind: undefined, service: undefined, ...body }
  for (const [name, value] of Object.entries(task)) {
    const [fits, expected] = Object.hasOwn(fields, name) ? fields[name] : [() => false, "nothing of that name"]
    if (!fits(value)) throw new Refusal(400, `${name} is ${JSON.stringify(value) ?? "missing"}; expected ${expected}`)
  }
  const takes = WITH_COMMAND.includes(task.kind)
  if (takes && !task.command) throw new Refusal(400, `${task.kind} wants a command`)
  if (!takes && (task.command || task.before)) throw new Refusal(400, `${task.kind} takes no command`)
  return task
}

export const sayTask = ({ id, kind, service, state, agent, reason }) =>
  [`task ${id}`, `${kind} ${service}`, state, agent, reason].filter(Boolean).join(" · ")
