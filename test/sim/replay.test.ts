/** Recordings that are none, or of another tree, or that break off. */
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { decodeTree, type Supervisor, supervisor, worker } from "../../src/index.ts"
import { BadRehearsal, entryLine, faults, headLine, type JournalEntry, readJournal, replay, simulate } from "../../src/testing.ts"

const tree = supervisor({ id: "shop", children: [worker({ id: "web", start: ["web"] })] })
const entries: Array<JournalEntry> = []
simulate(tree, { for: "1m", seed: 3, injections: [faults.kill("web", { at: "10s" })], watch: (moment) => void entries.push(moment) })
const lines = [headLine({ tree, seed: 3 }), ...entries.map(entryLine)]
const text = `${lines.join("\n")}\n`

it("a rehearsal that was written down is decided again as it was", () => {
  const recording = readJournal(text, "shop.jsonl", tree)
  expect(recording.entries).toEqual(JSON.parse(JSON.stringify(entries)))
  expect(replay(recording)).toEqual({ entries: entries.length, actions: expect.any(Number), difference: undefined })
})

it("another seed is seen by its jitter", () => {
  expect(replay({ ...readJournal(text, "shop.jsonl"), seed: 4 }).difference?.entry.event).toMatchObject({ _tag: "Exited" })
})

it("a last line that breaks off is left out: whoever wrote it was killed", () => {
  expect(readJournal(text.slice(0, -20), "shop.jsonl").entries).toHaveLength(entries.length - 1)
})

const boot = lines[1]!
const damaged = (event: unknown) => `${lines[0]}\n${boot}\n${JSON.stringify({ at: 5, event, actions: [] })}\n`
const calls = (request: unknown) => ({ _tag: "Call", path: "/shop", ticket: 1, request })
const ends = (exit: unknown) => ({ _tag: "Exited", path: "/shop/web", incarnation: 1, exit })

describe("a moment that is damaged is named, and never thrown about by the core", () => {
  const [spec] = (Effect.runSync(decodeTree(tree)) as Supervisor).children
  const broken: ReadonlyArray<[string, unknown]> = [
    ["a child that is not there", calls({ _tag: "startChild" })],
    ["a child that is none", calls({ _tag: "startChild", spec: { type: "worker", id: "db" } })],
    ["a child as a person writes it", calls({ _tag: "startChild", spec: worker({ id: "db", start: ["db"] }) })],
    ["an instance without arguments", calls({ _tag: "startInstance" })],
    ["a request that nobody knows", calls({ _tag: "dance" })],
    ["nobody to stop", calls({ _tag: "terminateChild" })],
    ["a size that is none", calls({ _tag: "scale", size: "many" })],
    ["an exit without a code", ends({ _tag: "Code" })],
    ["an exit that nobody knows", ends({ _tag: "Vanished" })],
    ["a supervisor that gave up without a window", ends({ _tag: "GaveUp", intensity: 1, periodMs: 1 })],
    ["a boot that failed for no cause", ends({ _tag: "BootFailed", cause: { path: "/shop" } })],
    ["a wait for nothing", { _tag: "Wake", path: "/shop/web", incarnation: 1, purpose: "fun" }]
  ]
  for (const [name, event] of broken)
    it(name, () => {
      expect(() => readJournal(damaged(event), "shop.jsonl", tree)).toThrow(BadRehearsal)
      expect(() => readJournal(damaged(event), "shop.jsonl", tree)).toThrow("shop.jsonl:3 is no moment of a recording")
    })

  it("and what is whole is read and folded", () => {
    for (const event of [
      calls({ _tag: "startChild", spec: { ...spec, id: "db" } }),
      calls({ _tag: "scale", size: 2 }),
      calls({ _tag: "hold", id: "web" }),
      ends({ _tag: "Signal", signal: "SIGKILL" })
    ])
      expect(replay(readJournal(damaged(event), "shop.jsonl", tree)).difference?.entry.event).toEqual(event)
  })

  it("and one that was never read from a file says which it is", () => {
    const event = calls({ _tag: "startChild" }) as JournalEntry["event"]
    const bad = { tree, seed: 3, entries: [entries[0]!, { at: 5, event, actions: [] }] }
    expect(() => replay(bad)).toThrow(BadRehearsal)
    expect(() => replay(bad)).toThrow("moment 2 of the recording cannot be folded: TypeError")
  })
})

describe("what is no recording of this tree is told in a sentence", () => {
  const other = supervisor({ id: "bar", children: [] })
  const changed = supervisor({ id: "shop", intensity: 9, children: [worker({ id: "web", start: ["web"] })] })
  const cases: ReadonlyArray<[string, string, string]> = [
    ["nothing", "", "shop.jsonl is no recording: its first line should hold a tree and a seed."],
    ["no JSON", "hello\n", "shop.jsonl:1 is no line of JSON."],
    ["no head", '{"a":1}\n', "shop.jsonl is no recording: its first line should hold a tree and a seed."],
    [
      "another version",
      text.replace('"journal":1', '"journal":9'),
      "shop.jsonl is a recording of version 9, and this is made for version 1."
    ],
    ["no moment", `${lines[0]}\n{"at":-1}\n`, "shop.jsonl:2 is no moment of a recording: it should have a time, an event and actions."],
    ["an unknown event", `${lines[0]}\n{"at":1,"event":{"_tag":"Nap"},"actions":[]}\n`, "shop.jsonl:2 is no moment of a recording"],
    ["nothing but a head that breaks off", lines[0]!.slice(0, 30), "shop.jsonl is no recording"]
  ]
  for (const [name, content, sentence] of cases)
    it(name, () => {
      expect(() => readJournal(content, "shop.jsonl", tree)).toThrow(BadRehearsal)
      expect(() => readJournal(content, "shop.jsonl", tree)).toThrow(sentence)
    })
  it("another tree", () =>
    expect(() => readJournal(text, "shop.jsonl", other)).toThrow("shop.jsonl is a recording of the tree shop, and not of bar"))
  it("another version of the tree", () =>
    expect(() => readJournal(text, "shop.jsonl", changed)).toThrow("shop.jsonl is a recording of shop when it was another tree"))
})
