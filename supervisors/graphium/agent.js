/** An agent: requests one task after the other, and carries it out in processes of its own. `node agent.js NAME` */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { setTimeout as pause } from "node:timers/promises"
import { Services } from "./services.js"
import { call, Refusal, ready } from "./wire.js"

const POLL_MS = Number(process.env.GRAPHIUM_POLL_MS || 200)

const name = process.argv[2]
const services = new Services(name)

/**
 * How each kind is carried out. Each may run twice: if an agent dies after the work and before its report, it is done
 * again.
 */
const kinds = {
  async deploy({ service, command, before }) {
    if (before) await run(before)
    await services.stop(service)
    await services.start(service, command)
  },
  update: (task) => kinds.deploy(task),
  start: ({ service, command }) => services.start(service, command),
  stop: ({ service }) => services.stop(service),
  async restart({ service, command }) {
    await services.stop(service)
    await services.start(service, command)
  },
  delete: ({ service }) => services.stop(service)
}

/** Runs to its end. It stays in our process group, and so stops with us. */
async function run([program, ...args]) {
  const [code, signal] = await once(spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] }), "exit")
  if (code !== 0) throw new Error(`${program} has ended with ${signal ?? `exit code ${code}`}`)
}

async function carryOut({ task, deployed, leaseMs }) {
  const { id, kind, service, leases: lease } = task
  console.log(`task ${id}: ${kind} ${service}`)
  const renewal = setInterval(() => call("POST", `/tasks/${id}/renew`, { lease }).catch(() => {}), leaseMs / 3)
  let outcome = { lease, ok: true }
  try {
    if (!deployed && kind !== "deploy") throw new Error(`${service} is not deployed`)
    await kinds[kind]({ ...task, command: task.command ?? deployed.command })
  } catch ({ message }) {
    outcome = { lease, error: message }
  }
  clearInterval(renewal)
  if (services.ending) return // the task did not fail: we are stopping
  const accepted = await patiently(() => call("POST", `/tasks/${id}/result`, outcome)).catch(refused)
  if (outcome.error || !accepted) await reconcile() // back to the state before, or to what another agent has done meanwhile
}

function refused(error) {
  console.error(error.message)
}

/** Brings the services in line with what the server believes: after our death, or after a failed task. */
async function reconcile() {
  const mine = (await patiently(() => call("GET", "/services"))).filter(({ agent, wanted }) => agent === name && wanted === "running")
  const strangers = services.names.filter((one) => !mine.some(({ name }) => name === one))
  await Promise.all([
    ...strangers.map((one) => services.stop(one)),
    ...mine.map(({ name, command }) => services.start(name, command).catch(({ message }) => console.error(`${name} is down: ${message}`)))
  ])
}

/** Retries until the server has answered. */
async function patiently(ask) {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof Refusal) throw error
      await pause(POLL_MS)
    }
  }
}

process.once("SIGTERM", async () => {
  await services.stopAll()
  process.exit(0)
})
await reconcile()
ready(`${name} ready, its services: ${Object.keys(services.pids).join(", ") || "none"}`)
while (!services.ending) {
  const next = await patiently(() => call("POST", `/agents/${name}/next`, { running: services.pids }))
  await (next ? carryOut(next) : pause(POLL_MS))
}
