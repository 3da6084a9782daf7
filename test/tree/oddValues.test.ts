/**
 * What is said of every field with every odd value: oddValues.txt. Its sentences are there to be read. After a change,
 * `WRITE=1 npx vitest run test/tree/oddValues.test.ts` writes them anew, and the difference shows what has changed.
 */
import { readFileSync, writeFileSync } from "node:fs"
import * as Result from "effect/Result"
import { expect, it } from "vitest"
import { decodeTreeResult } from "../../src/tree/decode.ts"

const file = new URL("oddValues.txt", import.meta.url)

const values = [
  ...[null, true, 0, -1, 1, 1.5, 3, 99, 300, 5000, 70_000, 1e15],
  ...["", " ", "abc", "true", "0", "5", "-5", "1.5", "5s", "5 sec.", "1h", "90 days", "99999 days", "infinity"],
  ...["512m", "512Mi", "1.5 G", "50%", "80", "localhost:80", "tcp://db:5432", "example.com/health", "http://a:80", "postgres://a"],
  ...["./run.sock", "/usr/bin/true", "node web.js", "a | b", "TERM", "sigterm", "2xx", "200-299", "a:b", "a=b", "a\0b", "(", "x{2,1}"],
  ...[[], [1], ["a"], ["a", 1], ["a", "a"], [""], {}, { type: "x" }, { from: 500, to: 200 }, { A: 1 }, { "": "x" }]
] as const

const worker = { type: "worker", id: "w", start: ["w"] }
const probe = (check: object) => (extra: object) => ({ children: [{ ...worker, health: { ...check, ...extra } }] })
const child = (more: object) => (extra: object) => ({ children: [{ ...worker, ...more, ...extra }] })
const backoff = (type: string) => (extra: object) => ({ children: [{ ...worker, backoff: { type, ...extra } }] })

/** Where a field stands, and which fields there are. */
const places: ReadonlyArray<readonly [string, (extra: object) => object, string]> = [
  [
    "supervisor",
    (extra) => ({ children: [worker], ...extra }),
    "id strategy intensity period onIntensity retryAfter boot bootConcurrency autoShutdown shutdown backoff children restart"
  ],
  ["supervisor", (extra) => ({ children: [worker], ...extra }), "significant needs breaker startGate"],
  ["pool", (extra) => ({ type: "pool", size: 2, child: worker, ...extra }), "size max child intensity"],
  [
    "worker",
    child({}),
    "id start cwd env stopSignal stopTo successCodes stdin ready startTimeout health heartbeat restart significant shutdown needs type logs"
  ],
  ["line", (extra) => ({ children: [{ ...worker, ready: { type: "line", ...extra } }] }), "pattern"],
  ["fd", (extra) => ({ children: [{ ...worker, ready: { type: "fd", ...extra } }] }), "fd"],
  [
    "heartbeat",
    (extra) => ({ children: [{ ...worker, heartbeat: { every: "1s", ...extra } }] }),
    "every from model suspect convict grace hangAfter startupGrace"
  ],
  ["http", probe({ type: "http", url: "http://a/" }), "url method headers status body insecure socket timeout interval initialDelay"],
  ["http", probe({ type: "http", url: "http://a/" }), "failureThreshold successThreshold onFailure"],
  ["tcp", probe({ type: "tcp", port: 1 }), "port host"],
  ["unix", probe({ type: "unix", path: "a" }), "path send expect"],
  ["exec", probe({ type: "exec", command: ["a"] }), "command codes"],
  ["file", probe({ type: "file", path: "a" }), "path maxAge"],
  ["process", probe({ type: "process" }), "memory cpu"],
  ["sql", probe({ type: "sql", url: "postgres://a/a" }), "url query"],
  ["log", probe({ type: "log", pattern: "a", maxAge: "1s" }), "pattern maxAge"],
  ["constant", backoff("constant"), "delay jitter forgetAfter"],
  ["linear", backoff("linear"), "initial step cap"],
  ["exponential", backoff("exponential"), "initial factor cap"],
  ["adaptive", backoff("adaptive"), "min max factor halfLife jitter pressure startRate"],
  ["breaker", (extra) => ({ children: [worker], breaker: extra }), "failures share within probeEvery stable release giveUpAfter"],
  ["logs", (extra) => ({ children: [{ ...worker, logs: extra }] }), "size keep total maxAge whenFull compress"],
  ["startGate", (extra) => ({ children: [worker], startGate: extra }), "rate burst starting"]
]

interface Said {
  readonly sentence: string
  /** The value, and what it could mean. */
  readonly value: string
}

/** What is said of the first mistake, without what was found: that is the value. */
function whatIsSaid(value: unknown, tree: unknown): Said | undefined {
  const decoded = decodeTreeResult(tree)
  if (!Result.isFailure(decoded)) return undefined
  const [, first = "", ...more] = decoded.failure.message.split("\n")
  const [, before, after, meant] = /^(.*?: )found .*?, (expected .*?\.)(?: Did you mean (.*)\?)?$/s.exec(first.trim()) ?? []
  const others = more.length === 0 ? "" : ` And ${more.length} more.`
  return {
    sentence: before === undefined ? first.trim() : `${before}${after}${others}`,
    value: `${JSON.stringify(value)}${meant === undefined ? "" : ` → ${meant}`}`
  }
}

it("what is said of each field with each odd value", () => {
  const lines = places.flatMap(([of, place, fields]) =>
    fields.split(" ").flatMap((field) => {
      const refused = values.flatMap((value) => whatIsSaid(value, { type: "supervisor", id: "s", ...place({ [field]: value }) }) ?? [])
      const sentences = Object.entries(Object.groupBy(refused, ({ sentence }) => sentence))
      return [
        `# ${of}: ${field}`,
        ...sentences.flatMap(([sentence, all = []]) => [`  ${sentence}`, `      ${all.map(({ value }) => value).join("  ")}`])
      ]
    })
  )
  const text = `${lines.join("\n")}\n`
  if (process.env.WRITE === "1") writeFileSync(file, text)
  expect(text).toBe(readFileSync(file, "utf8"))
})
