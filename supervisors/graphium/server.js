/**
 * The control server: takes tasks from people, and leases them to agents.
 *
 *   POST /tasks {kind, service, command?, before?, priority?, dependsOn?, retries?}
 *   GET /tasks · GET /tasks/ID · GET /services
 *   GET /agents/NAME: 200, or 503 if it has been silent for longer than a lease
 *   POST /agents/NAME/next {running} · POST /tasks/ID/renew {lease} · POST /tasks/ID/result {lease, ok | error}
 */
import { join } from "node:path"
import { openJournal } from "./journal.js"
import { Queue } from "./queue.js"
import { stopAllServices } from "./services.js"
import { sayTask, taskOf } from "./task.js"
import { jsonServer, listen, Refusal, ready, SERVER, STATE } from "./wire.js"

const LEASE_MS = Number(process.env.GRAPHIUM_LEASE_MS || 10_000) // an agent that is silent for this long loses its task
const TASK_LIMIT = 10_000

const seen = new Map() // agent → its services' pids, as last reported
const lastHeard = new Map() // agent → when it last sent anything

const routes = [
  ["GET", /^\/tasks$/, () => [200, [...queue.tasks.values()]]],
  ["GET", /^\/tasks\/(\d+)$/, (id) => [200, known(id)]],
  [
    "GET",
    /^\/services$/,
    () => [200, [...queue.services.values()].map((one) => ({ ...one, pid: seen.get(one.agent)?.[one.name] ?? null }))]
  ],
  ["GET", /^\/agents\/([\w-]{1,64})$/, agentOf],
  ["POST", /^\/tasks$/, add],
  ["POST", /^\/agents\/([\w-]{1,64})\/next$/, next],
  ["POST", /^\/tasks\/(\d+)\/renew$/, renew],
  ["POST", /^\/tasks\/(\d+)\/result$/, result]
]

function add(_, body) {
  if (queue.tasks.size >= TASK_LIMIT) throw new Refusal(503, `there are ${TASK_LIMIT} tasks; start with a new queue`)
  return [201, queue.add(taskOf(body))]
}

function next(agent, { running }) {
  seen.set(agent, Object(running))
  lastHeard.set(agent, Date.now())
  const task = queue.next(agent, Date.now(), Date.now() + LEASE_MS)
  return task ? [200, { task, deployed: queue.services.get(task.service), leaseMs: LEASE_MS }] : [204]
}

function renew(id, { lease }) {
  const task = known(id)
  const until = queue.renew(task.id, lease, Date.now() + LEASE_MS)
  lastHeard.set(task.agent, Date.now())
  return [200, { until }]
}

/** An agent that runs requests work, or renews what it has. */
function agentOf(agent) {
  const silentMs = Date.now() - (lastHeard.get(agent) ?? 0)
  return silentMs <= LEASE_MS ? [200, { agent, silentMs }] : [503, { error: `${agent} has been silent for longer than a lease` }]
}

function result(id, { lease, error }) {
  const task = known(id)
  queue.settle(task.id, lease, error)
  console.log(sayTask(task))
  return [200, task]
}

function known(id) {
  const task = queue.tasks.get(Number(id))
  if (!task) throw new Refusal(404, `there is no task ${id}`)
  return task
}

function handle(method, path, body) {
  for (const [verb, pattern, answer] of routes) {
    const match = verb === method && pattern.exec(path)
    if (match) return answer(match[1], body)
  }
  throw new Refusal(404, `there is no ${method} ${path}`)
}

await listen(jsonServer(handle), SERVER)
const queue = new Queue(openJournal(join(STATE, "queue.jsonl"))) // only now: the process that listens owns the file
process.once("SIGTERM", async () => {
  await stopAllServices() // stopped last: services left by an agent that died and has not come back
  process.exit(0)
})
ready(`server ready on ${SERVER}, its queue: ${queue.tasks.size} tasks`)
