/** Recordings that are damaged, unfinished, or of another tree. */
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { decodeTree, type Supervisor, supervisor, worker } from "../../src/index.ts"
import { BadRehearsal, entryLine, faults, headerLine, type JournalEntry, readJournal, replay, simulate } from "../../src/testing.ts"

const tree = supervisor({ id: "shop", children: [worker({ id: "web", start: ["web"] })] })
const entries: Array<JournalEntry> = []
simulate(tree, { for: "1m", seed: 3, injections: [faults.kill("web", { at: "10s" })], watch: (entry) => void entries.push(entry) })
const lines = [headerLine({ tree, seed: 3 }), ...entries.map(entryLine)]
const text = `${lines.join("\n")}\n`

it("a recorded rehearsal is decided as before", () => {
  const recording = readJournal(text, "shop.jsonl", tree)
  expect(recording.entries).toEqual(JSON.parse(JSON.stringify(entries)))
  expect(replay(recording)).toEqual({ entries: entries.length, actions: expect.any(Number), difference: undefined })
})

it("another seed shows in the jitter", () => {
  expect(replay({ ...readJournal(text, "shop.jsonl"), seed: 4 }).difference?.entry.event).toMatchObject({ _tag: "Exited" })
})

it("an unfinished last line is ignored: its writer was killed", () => {
  expect(readJournal(text.slice(0, -20), "shop.jsonl").entries).toHaveLength(entries.length - 1)
})

const boot = lines[1]!
const damaged = (event: unknown) => `${lines[0]}\n${boot}\n${JSON.stringify({ at: 5, event, actions: [] })}\n`
const calls = (request: unknown) => ({ _tag: "Call", path: "/shop", ticket: 1, request })
const ends = (exit: unknown) => ({ _tag: "Exited", path: "/shop/web", incarnation: 1, exit })

describe("a damaged entry is named, and never makes the core throw", () => {
  const [spec] = (Effect.runSync(decodeTree(tree)) as Supervisor).children
  const broken: ReadonlyArray<[string, unknown]> = [
    ["a child that is missing", calls({ _tag: "startChild" })],
    ["a child that is invalid", calls({ _tag: "startChild", spec: { type: "worker", id: "db" } })],
    ["a child as written in a tree file", calls({ _tag: "startChild", spec: worker({ id: "db", start: ["db"] }) })],
    ["an instance without arguments", calls({ _tag: "startInstance" })],
    ["an unknown request", calls({ _tag: "dance" })],
    ["no child to stop", calls({ _tag: "terminateChild" })],
    ["a size that is not a number", calls({ _tag: "scale", size: "many" })],
    ["an exit without a code", ends({ _tag: "Code" })],
    ["an unknown exit", ends({ _tag: "Vanished" })],
    ["a supervisor that gave up without a window", ends({ _tag: "GaveUp", intensity: 1, periodMs: 1 })],
    ["a failed boot without a cause", ends({ _tag: "BootFailed", cause: { path: "/shop" } })],
    ["a wake-up for an unknown purpose", { _tag: "Wake", path: "/shop/web", incarnation: 1, purpose: "fun" }]
  ]
  for (const [name, event] of broken)
    it(name, () => {
      expect(() => readJournal(damaged(event), "shop.jsonl", tree)).toThrow(BadRehearsal)
      expect(() => readJournal(damaged(event), "shop.jsonl", tree)).toThrow("shop.jsonl:3 is not an entry of a recording")
    })

  it("a valid entry is read and replayed", () => {
    for (const event of [
      calls({ _tag: "startChild", spec: { ...spec, id: "db" } }),
      calls({ _tag: "scale", size: 2 }),
      calls({ _tag: "hold", id: "web" }),
      ends({ _tag: "Signal", signal: "SIGKILL" })
    ])
      expect(replay(readJournal(damaged(event), "shop.jsonl", tree)).difference?.entry.event).toEqual(event)
  })

  it("a damaged entry that was not read from a file is named by its number", () => {
    const event = calls({ _tag: "startChild" }) as JournalEntry["event"]
    const bad = { tree, seed: 3, entries: [entries[0]!, { at: 5, event, actions: [] }] }
    expect(() => replay(bad)).toThrow(BadRehearsal)
    expect(() => replay(bad)).toThrow("entry 2 of the recording cannot be replayed: TypeError")
  })
})

describe("anything but a recording of this tree is refused with a sentence", () => {
  const other = supervisor({ id: "bar", children: [] })
  const changed = supervisor({ id: "shop", intensity: 9, children: [worker({ id: "web", start: ["web"] })] })
  const cases: ReadonlyArray<[string, string, string]> = [
    ["nothing", "", "shop.jsonl is not a recording: its first line should hold a tree and a seed."],
    ["no JSON", "hello\n", "shop.jsonl:1 is not JSON."],
    ["no head", '{"a":1}\n', "shop.jsonl is not a recording: its first line should hold a tree and a seed."],
    ["another version", text.replace('"journal":1', '"journal":9'), "shop.jsonl is a recording of version 9, but version 1 is expected."],
    ["no entry", `${lines[0]}\n{"at":-1}\n`, "shop.jsonl:2 is not an entry of a recording: it should have a time, an event and actions."],
    ["an unknown event", `${lines[0]}\n{"at":1,"event":{"_tag":"Nap"},"actions":[]}\n`, "shop.jsonl:2 is not an entry of a recording"],
    ["only an unfinished head", lines[0]!.slice(0, 30), "shop.jsonl is not a recording"]
  ]
  for (const [name, content, sentence] of cases)
    it(name, () => {
      expect(() => readJournal(content, "shop.jsonl", tree)).toThrow(BadRehearsal)
      expect(() => readJournal(content, "shop.jsonl", tree)).toThrow(sentence)
    })
  it("another tree", () =>
    expect(() => readJournal(text, "shop.jsonl", other)).toThrow("shop.jsonl is a recording of the tree shop, not of bar"))
  it("another version of the tree", () =>
    expect(() => readJournal(text, "shop.jsonl", changed)).toThrow("shop.jsonl is a recording of another version of shop"))
})
