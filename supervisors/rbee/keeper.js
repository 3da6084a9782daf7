/** The keeper: the door for people. It hands their questions to the queen, and says when the health of the chain changes. */
import { serve, wordsOf } from "./daemon.js"

const BEAT_MS = Number(process.env.RBEE_BEAT_MS || 1000)

const health = await serve("keeper", { height: 3, below: ["queen"], generate: (question, signal) => wordsOf("queen", question, signal) })

let told
async function beat() {
  const [, { because }] = await health()
  const news = because ?? "all is well"
  if (news !== told) console.log(news)
  told = news
  setTimeout(beat, BEAT_MS)
}
beat()
