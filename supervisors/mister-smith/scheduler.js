/** The scheduler: hands the orchestrator a numbered job every second, and pauses when too many are open. */
import { connect } from "./connect.js"
import { ready } from "./wire.js"

const OPEN_LIMIT = 3
const texts = [
  "Many hands make light work",
  "A chain is only as strong as its weakest link",
  "Fall seven times, stand up eight",
  "Let it crash"
]

process.once("SIGTERM", () => process.exit(0))
const { ask } = await connect()
let job = 0
let open = 0
let waiting = false
setInterval(async () => {
  if (open === OPEN_LIMIT) {
    if (!waiting) console.log(`${open} jobs are open: the next one waits`)
    waiting = true
    return
  }
  waiting = false
  open += 1
  job += 1
  const number = job
  await ask("jobs", { job, text: texts[job % texts.length] }).catch((error) => console.error(`job ${number} failed: ${error.message}`))
  open -= 1
}, 1000)
ready("scheduler ready")
