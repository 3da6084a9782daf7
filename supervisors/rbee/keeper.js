/**
 * The keeper: the entrance for people. It passes their questions to the queen, and prints when the health of the chain
 * changes.
 */
import { serve, wordsOf } from "./daemon.js"

const BEAT_MS = Number(process.env.RBEE_BEAT_MS || 1000)

const health = await serve("keeper", { height: 3, below: ["queen"], generate: (question, signal) => wordsOf("queen", question, signal) })

let lastNews
async function beat() {
  const [, { because }] = await health()
  const news = because ?? "all is well"
  if (news !== lastNews) console.log(news)
  lastNews = news
  setTimeout(beat, BEAT_MS)
}
beat()
