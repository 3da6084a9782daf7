/**
 * The client of the broker. It hides that brokers die: it reconnects with a growing delay, and then repeats what must
 * not be lost: the queues it serves, and its unanswered questions.
 */
import { randomUUID } from "node:crypto"
import { createConnection } from "node:net"
import { BROKER, eachMessage, send } from "./wire.js"

const PAUSE = { first: 50, last: 1000 }
const QUESTION_LIMIT = 1000

/** What an agent does with a task: answer it, refuse it, or pass it on. */
export const answer = (task, result) => ({ op: "publish", topic: task.replyTo, message: { id: task.id, result } })
export const refuse = (task, error) => ({ op: "publish", topic: task.replyTo, message: { id: task.id, error } })
export const forward = (task, queue) => ({ op: "put", task: { ...task, queue } })

/** A promise with its resolvers. Promise.withResolvers needs Node 22, and these agents run on any Node in the PATH. */
function deferred() {
  const ends = {}
  ends.promise = new Promise((resolve, reject) => Object.assign(ends, { resolve, reject }))
  return ends
}

/** Resolves with the first connection. */
export function connect() {
  const replyTo = `replies/${randomUUID()}`
  const questions = new Map() // id → { put, resolve, reject }
  const first = deferred()
  let serving // { queues, handle, busy }
  let socket
  let pause = PAUSE.first

  function dial() {
    socket = createConnection(BROKER)
    socket.on("connect", () => {
      pause = PAUSE.first
      send(socket, { op: "subscribe", topic: replyTo })
      for (const { put } of questions.values()) send(socket, put)
      take()
      first.resolve({ ask, serve })
    })
    eachMessage(socket, ({ op, task, message }) => (op === "task" ? work(task) : settle(message ?? {})))
    socket.on("close", () => {
      setTimeout(dial, pause)
      pause = Math.min(2 * pause, PAUSE.last)
    })
  }

  /** Puts a question into a queue and waits for its answer, however many brokers and agents that takes. */
  function ask(queue, body) {
    if (questions.size >= QUESTION_LIMIT) return Promise.reject(new Error("too many open questions"))
    const { promise, resolve, reject } = deferred()
    const put = { op: "put", task: { id: randomUUID(), queue, replyTo, body } }
    questions.set(put.task.id, { put, resolve, reject })
    send(socket, put)
    return promise
  }

  function settle({ id, result, error }) {
    const question = questions.get(id)
    questions.delete(id)
    error === undefined ? question?.resolve(result) : question?.reject(new Error(error))
  }

  /** Takes tasks from these queues, one at a time, the first queue first. `handle` decides what happens to a task. */
  function serve(queues, handle) {
    serving = { queues, handle, busy: false }
    take()
  }

  const take = () => serving && !serving.busy && send(socket, { op: "take", queues: serving.queues })

  async function work(task) {
    serving.busy = true
    const then = await serving.handle(task)
    serving.busy = false
    send(socket, { op: "done", id: task.id, then })
    take()
  }

  dial()
  return first.promise
}
