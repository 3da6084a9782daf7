/** The queen: admits as many questions to the hive as it has workers; the others wait for their turn. */
import { serve, wordsOf } from "./daemon.js"

const AT_ONCE = 2
const WAITING_LIMIT = 100

let speaking = 0
const waiting = []

async function* generate(question, signal) {
  if (waiting.length >= WAITING_LIMIT) throw new Error(`${WAITING_LIMIT} are waiting already`)
  if (speaking < AT_ONCE) speaking += 1
  else await new Promise((turn) => waiting.push(turn))
  try {
    yield* wordsOf("hive", question, signal)
  } finally {
    const next = waiting.shift()
    next ? next() : (speaking -= 1)
  }
}

await serve("queen", { height: 2, below: ["hive"], generate })
