/**
 * The router: knows which queue each kind of request belongs in, so that a long computation never delays a short one.
 */
import { connect, forward, refuse } from "./connect.js"
import { ready } from "./wire.js"

const queueOf = new Map([
  ["words", "light"],
  ["hash", "light"],
  ["primes", "heavy"]
])

process.once("SIGTERM", () => process.exit(0))
const { serve } = await connect()
serve(["requests"], (task) => {
  const queue = queueOf.get(task.body?.kind)
  return queue
    ? forward(task, queue)
    : refuse(task, `unknown kind ${JSON.stringify(task.body?.kind)}; I know ${[...queueOf.keys()].join(", ")}`)
})
ready("router ready")
