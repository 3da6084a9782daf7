/**
 * A worker: takes one task at a time, light ones first, and answers it. If it dies, the broker gives its task to
 * another.
 */
import { createHash } from "node:crypto"
import { setImmediate as breathe } from "node:timers/promises"
import { answer, connect, refuse } from "./connect.js"
import { ready } from "./wire.js"

const PRIMES_LIMIT = 100_000_000
const LONG_MS = 300

const kinds = {
  words: (text) => String(text).split(/\s+/).filter(Boolean).length,
  hash: (text) => createHash("sha256").update(String(text)).digest("hex"),
  async primes(below) {
    if (!Number.isInteger(below) || below < 0 || below > PRIMES_LIMIT) throw new Error(`primes wants a whole number up to ${PRIMES_LIMIT}`)
    let count = 0
    for (let n = 2; n < below; n++) {
      if (isPrime(n)) count += 1
      if (n % 10_000 === 0) await breathe() // so that a signal is handled in the middle of a long task
    }
    return count
  }
}

function isPrime(n) {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false
  return true
}

process.once("SIGTERM", () => process.exit(0))
const { serve } = await connect()
let done = 0
serve(["light", "heavy"], async (task) => {
  const { kind, input } = task.body
  const long = setTimeout(() => console.log(`pid ${process.pid} is at work on ${kind} ${input}`), LONG_MS)
  try {
    return answer(task, await kinds[kind](input))
  } catch (error) {
    return refuse(task, error.message)
  } finally {
    clearTimeout(long)
    if (++done % 100 === 0) console.log(`${done} tasks done`)
  }
})
ready("worker ready")
