/**
 * Asks the keeper from a second terminal: `node ask.js` for the health of the chain, `node ask.js "a question" [WORDS]`
 * for an answer.
 */
import { text } from "node:stream/consumers"
import { wordsOf } from "./daemon.js"
import { ask } from "./wire.js"

const [prompt, words = "30"] = process.argv.slice(2)
process.chdir(import.meta.dirname)
try {
  if (prompt === undefined) {
    const response = await ask("keeper", "GET", "/health")
    process.stdout.write(await text(response))
    process.exitCode = response.statusCode === 200 ? 0 : 1
  } else {
    for await (const word of wordsOf("keeper", { prompt, words: Number(words) })) process.stdout.write(`${word} `)
    console.log()
  }
} catch ({ message }) {
  console.error(`\n${message}`)
  process.exitCode = 1
}
