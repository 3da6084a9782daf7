/** A worker: loads the model from its hive, and speaks it word by word. `node worker.js NAME` */
import { json } from "node:stream/consumers"
import { setTimeout as pause } from "node:timers/promises"
import { serve } from "./daemon.js"
import { speak } from "./model.js"
import { ask } from "./wire.js"

const WORD_MS = Number(process.env.RBEE_WORD_MS || 40) // thinking takes time

const name = process.argv[2]
const model = await json(await ask("hive", "GET", "/model"))

async function* generate({ prompt, words, from }, signal) {
  console.log(`pid ${process.pid} speaks on ${JSON.stringify(prompt.slice(0, 40))}, from word ${from + 1} on`)
  let said = 0
  for (const word of speak(model, prompt)) {
    if (said === words || signal.aborted) return
    if (++said <= from) continue // another worker has already said these
    await pause(WORD_MS)
    yield word
  }
}

await serve(name, { height: 0, below: [], generate })
