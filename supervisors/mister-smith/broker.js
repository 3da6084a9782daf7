/**
 * The broker: topics, and work queues in which each task is with one agent at a time.
 *
 *   subscribe {topic} · publish {topic, message} · put {task: {id, queue, replyTo, body}}
 *   take {queues}: give me one task, from the first of these that has one · done {id, then?}: finished; and now do this
 *
 * It keeps nothing on disk. Clients ask again when the broker is back, and a task that is asked twice is one task.
 */
import { createServer } from "node:net"
import { BROKER, eachMessage, listen, ready, send } from "./wire.js"

const QUEUE_LIMIT = 1000
const MAX_LOST_AGENTS = 5 // a task that has cost this many agents their connection is at fault itself

const subscribers = new Map() // topic → sockets
const queues = new Map() // name → tasks that wait
const known = new Set() // ids of all tasks that wait or are in progress
const idle = new Map() // socket → the queues it takes from; the longest waiting first
const atWork = new Map() // socket → its task

const operations = {
  subscribe: (socket, { topic }) => subscribers.set(topic, (subscribers.get(topic) ?? new Set()).add(socket)),
  publish: (_, { topic, message }) => subscribers.get(topic)?.forEach((socket) => void send(socket, { op: "message", topic, message })),
  put(_, { task }) {
    if (known.has(task.id)) return
    if (queue(task.queue).length >= QUEUE_LIMIT) return refuse(task, `the queue ${task.queue} is full`)
    known.add(task.id)
    queue(task.queue).push({ ...task, lost: 0 })
    dispatch()
  },
  take(socket, { queues }) {
    idle.set(socket, queues)
    dispatch()
  },
  done(socket, { id, then }) {
    if (atWork.get(socket)?.id === id) atWork.delete(socket)
    else withdraw(id) // it was asked again after a broken connection, and the first agent has answered now
    known.delete(id)
    if (then) operations[then.op](socket, then)
  }
}

const queue = (name) => queues.get(name) ?? queues.set(name, []).get(name)
const refuse = (task, error) => operations.publish(undefined, { topic: task.replyTo, message: { id: task.id, error } })

function dispatch() {
  for (const [socket, names] of idle) {
    const task = next(names)
    if (!task) continue
    idle.delete(socket)
    atWork.set(socket, task)
    send(socket, { op: "task", task })
  }
}

/** A task whose client is gone is not worth doing. */
function next(names) {
  for (const name of names) {
    for (let task = queue(name).shift(); task; task = queue(name).shift()) {
      if (subscribers.has(task.replyTo)) return task
      known.delete(task.id)
    }
  }
}

function withdraw(id) {
  const others = (task) => task.id !== id
  for (const [name, tasks] of queues) queues.set(name, tasks.filter(others))
}

function forget(socket) {
  idle.delete(socket)
  for (const [topic, sockets] of subscribers) if (sockets.delete(socket) && sockets.size === 0) subscribers.delete(topic)
  const task = atWork.get(socket)
  if (!task || !atWork.delete(socket)) return
  task.lost += 1
  const fate = task.lost < MAX_LOST_AGENTS ? "goes back to the queue" : "is given up"
  console.log(`an agent was lost at work on ${task.body?.kind ?? task.queue}; its task ${fate}`)
  if (task.lost < MAX_LOST_AGENTS) queue(task.queue).unshift(task)
  else if (known.delete(task.id)) refuse(task, `${MAX_LOST_AGENTS} agents were lost over it`)
  dispatch()
}

process.once("SIGTERM", () => process.exit(0))
const server = createServer((socket) => {
  eachMessage(socket, (message) => (Object.hasOwn(operations, message.op) ? operations[message.op](socket, message) : socket.destroy()))
  socket.on("close", () => forget(socket))
})
await listen(server, BROKER)
ready(`broker ready on ${BROKER}`)
