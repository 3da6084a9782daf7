/** The hive: trains the model, lends it to its workers, and gives each question to the one with the least to do. */
import { readFileSync } from "node:fs"
import { serve, wordsOf } from "./daemon.js"
import { train } from "./model.js"

const model = train(readFileSync("corpus.txt", "utf8"))
const load = new Map(process.env.RBEE_WORKERS.split(" ").map((name) => [name, 0])) // worker → how many questions it is answering

/** When a worker is lost, another continues: they all have the same model, so they would have said the same. */
async function* generate(question, signal) {
  let from = 0
  let failure
  for (const [name] of [...load].sort(([, a], [, b]) => a - b)) {
    load.set(name, load.get(name) + 1)
    try {
      for await (const word of wordsOf(name, { ...question, from }, signal)) {
        from += 1
        yield word
      }
      return
    } catch ({ message }) {
      failure = message
      if (signal.aborted) break
      console.log(`lost after ${from} words: ${message}`)
    } finally {
      load.set(name, load.get(name) - 1)
    }
  }
  throw new Error(`no worker is left: ${failure}`)
}

await serve("hive", { height: 1, below: [...load.keys()], generate, more: { "GET /model": () => [200, model] } })
