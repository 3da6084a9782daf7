/**
 * The queue from a second terminal. `node ask.js` shows it, and `node ask.js [--priority N] [--after ID]… [--retries N]
 * KIND SERVICE [-- COMMAND]` adds a task, and waits until it is settled.
 */
import { setTimeout as pause } from "node:timers/promises"
import { parseArgs } from "node:util"
import { sayTask } from "./task.js"
import { call } from "./wire.js"

const SETTLED = ["done", "failed", "blocked"]
const LOOK_MS = 50

async function show() {
  for (const { name, agent, command, wanted, pid } of await call("GET", "/services"))
    console.log(
      `${name} at ${agent}, ${wanted === "running" && !pid ? "down" : wanted}${pid ? ` as pid ${pid}` : ""}: ${command.join(" ")}`
    )
  for (const task of await call("GET", "/tasks")) console.log(sayTask(task))
}

async function add() {
  const options = { priority: { type: "string" }, retries: { type: "string" }, after: { type: "string", multiple: true } }
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [kind, service, ...command] = positionals
  const { id } = await call("POST", "/tasks", {
    ...{ kind, service, priority: Number(values.priority ?? 0), retries: Number(values.retries ?? 0) },
    ...{ dependsOn: (values.after ?? []).map(Number), command: command.length > 0 ? command : undefined }
  })
  let task
  while (!SETTLED.includes((task = await call("GET", `/tasks/${id}`)).state)) await pause(LOOK_MS)
  console.log(sayTask(task))
  if (task.state !== "done") process.exitCode = 1
}

process.chdir(import.meta.dirname)
try {
  await (process.argv.length > 2 ? add() : show())
} catch ({ message, code }) {
  console.error(code === "ENOENT" || code === "ECONNREFUSED" ? `The server does not answer (${message}). Is the tree running?` : message)
  process.exitCode = 1
}
