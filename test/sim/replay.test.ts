/** Recordings that are none, or of another tree, or that break off. */
import { describe, expect, it } from "vitest"
import { supervisor, worker } from "../../src/index.ts"
import { BadRehearsal, faults, headLine, type Moment, momentLine, readRecording, replay, simulate } from "../../src/testing.ts"

const tree = supervisor({ id: "shop", children: [worker({ id: "web", start: ["web"] })] })
const moments: Array<Moment> = []
simulate(tree, { for: "1m", seed: 3, injections: [faults.kill("web", { at: "10s" })], watch: (moment) => void moments.push(moment) })
const lines = [headLine({ tree, seed: 3 }), ...moments.map(momentLine)]
const text = `${lines.join("\n")}\n`

it("a rehearsal that was written down is decided again as it was", () => {
  const recording = readRecording(text, "shop.jsonl", tree)
  expect(recording.moments).toEqual(JSON.parse(JSON.stringify(moments)))
  expect(replay(recording)).toEqual({ moments: moments.length, actions: expect.any(Number), difference: undefined })
})

it("another seed is seen by its jitter", () => {
  expect(replay({ ...readRecording(text, "shop.jsonl"), seed: 4 }).difference?.moment.event).toMatchObject({ _tag: "Exited" })
})

it("a last line that breaks off is left out: whoever wrote it was killed", () => {
  expect(readRecording(text.slice(0, -20), "shop.jsonl").moments).toHaveLength(moments.length - 1)
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
      text.replace('"recording":1', '"recording":9'),
      "shop.jsonl is a recording of version 9, and this is made for version 1."
    ],
    ["no moment", `${lines[0]}\n{"at":-1}\n`, "shop.jsonl:2 is no moment of a recording: it should have a time, an event and actions."],
    ["an unknown event", `${lines[0]}\n{"at":1,"event":{"_tag":"Nap"},"actions":[]}\n`, "shop.jsonl:2 is no moment of a recording"],
    ["nothing but a head that breaks off", lines[0]!.slice(0, 30), "shop.jsonl is no recording"]
  ]
  for (const [name, content, sentence] of cases)
    it(name, () => {
      expect(() => readRecording(content, "shop.jsonl", tree)).toThrow(BadRehearsal)
      expect(() => readRecording(content, "shop.jsonl", tree)).toThrow(sentence)
    })
  it("another tree", () =>
    expect(() => readRecording(text, "shop.jsonl", other)).toThrow("shop.jsonl is a recording of the tree shop, and not of bar"))
  it("another version of the tree", () =>
    expect(() => readRecording(text, "shop.jsonl", changed)).toThrow("shop.jsonl is a recording of shop when it was another tree"))
})
