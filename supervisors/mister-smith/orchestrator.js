/** The orchestrator: splits a job into tasks, has them done by free workers, and combines the answers. */
import { answer, connect, refuse } from "./connect.js"
import { ready } from "./wire.js"

process.once("SIGTERM", () => process.exit(0))
const { ask, serve } = await connect()
let wordsSoFar = 0
serve(["jobs"], async (task) => {
  const { job, text } = task.body
  try {
    const [words, hash, primes] = await Promise.all([
      ask("requests", { kind: "words", input: text }),
      ask("requests", { kind: "hash", input: text }),
      ask("requests", { kind: "primes", input: 1000 * job })
    ])
    wordsSoFar += words
    console.log(`job ${job} done: ${words} words (${wordsSoFar} so far), ${primes} primes below ${1000 * job}, sha256 ${hash.slice(0, 8)}`)
    return answer(task, { words, hash, primes })
  } catch (error) {
    return refuse(task, error.message)
  }
})
ready("orchestrator ready")
