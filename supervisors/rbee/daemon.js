/**
 * What every daemon of the chain does.
 *
 *   GET /alive                       200 {name, pid}, whatever is wrong below
 *   GET /health                      200 {name, pid}, or 503 {name, because}: what is wrong below
 *   POST /generate {prompt, words}   {"word": …} per line, as they come; then {"done": true} or {"error": …}
 */
import { createServer } from "node:http"
import { json } from "node:stream/consumers"
import { ask, listen, ready } from "./wire.js"

const PATIENCE_MS = Number(process.env.RBEE_PATIENCE_MS || 1000) // for a worker; longer further up, so that the answer of the level below still arrives
const WORDS_LIMIT = 10_000
const PROMPT_LIMIT = 10_000

/**
 * `below`: the names of the daemons it asks; `height`: how far below it the workers are; `generate(question, signal)`
 * yields words.
 */
export async function serve(name, { height, below, generate, more = {} }) {
  const alive = () => [200, { name, pid: process.pid }]
  async function health() {
    const reasons = await Promise.all(below.map((one) => wrongWith(one, height * PATIENCE_MS)))
    const because = reasons.filter(Boolean).join("; ")
    return because ? [503, { name, because }] : alive()
  }

  const answers = { "GET /alive": alive, "GET /health": health, ...more }
  const server = createServer(async (request, response) => {
    const what = `${request.method} ${request.url}`
    if (what === "POST /generate") return speak(request, response, generate)
    const [status, body] = (await answers[what]?.()) ?? [404, { error: `there is no ${what}` }]
    response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`)
  })
  server.maxConnections = 1000
  process.once("SIGTERM", () => process.exit(0))
  await listen(server, name)
  ready(`${name} ready`)
  return health
}

async function wrongWith(name, patience) {
  const signal = AbortSignal.timeout(patience)
  try {
    const { because } = await json(await ask(name, "GET", "/health", { signal }))
    return because && `${name} is not well: ${because}`
  } catch ({ message }) {
    return signal.aborted ? `${name} does not answer within ${patience} ms` : message
  }
}

/** Sends the words as they come, until there are no more or the client is gone. */
async function speak(request, response, generate) {
  const gone = new AbortController()
  response.on("close", () => gone.abort())
  const say = (what) => response.write(`${JSON.stringify(what)}\n`)
  let question
  try {
    question = checked(await json(request).catch(() => undefined))
    for await (const word of generate(question, gone.signal)) {
      if (gone.signal.aborted) return
      say({ word })
    }
    say({ done: true })
  } catch ({ message }) {
    if (!response.headersSent) response.statusCode = question ? 503 : 400
    say({ error: message })
  }
  response.end()
}

function checked(question) {
  const { prompt, words = 30, from = 0 } = Object(question)
  if (typeof prompt !== "string" || prompt.length > PROMPT_LIMIT) throw new Error(`prompt wants a text of up to ${PROMPT_LIMIT} characters`)
  if (!(Number.isInteger(words) && words >= 1 && words <= WORDS_LIMIT))
    throw new Error(`words wants a whole number from 1 to ${WORDS_LIMIT}`)
  return { prompt, words, from }
}

/** The answer of the named daemon to a question, word by word. Fails if it does not reach its end. */
export async function* wordsOf(name, question, signal) {
  const response = await ask(name, "POST", "/generate", { body: question, signal })
  for await (const line of linesOf(response)) {
    const { word, done, error } = JSON.parse(line)
    if (error) throw new Error(error)
    if (done) return
    yield word
  }
  throw new Error(`${name} has gone in the midst of it`)
}

async function* linesOf(stream) {
  let rest = ""
  try {
    for await (const chunk of stream.setEncoding("utf8")) {
      const lines = (rest + chunk).split("\n")
      rest = lines.pop()
      yield* lines
    }
  } catch {} // the connection broke; the reader misses the last line
}
