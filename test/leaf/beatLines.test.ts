import { expect, it } from "vitest"
import { BEAT_LINE_LIMIT, BeatLines } from "../../src/leaf/node/BeatLines.ts"

/** What is told of these chunks: "ready", or the stamp of a beat. */
function told(...chunks: ReadonlyArray<string>): ReadonlyArray<string | number | undefined> {
  const seen: Array<string | number | undefined> = []
  const lines = new BeatLines({ beat: (sentAt) => seen.push(sentAt), ready: () => seen.push("ready") })
  for (const chunk of chunks) lines.push(Buffer.from(chunk, "latin1"))
  return seen
}

it("a line that begins with beat is a heartbeat, every other one is readiness", () => {
  expect(told("beat\nbeat 1500\n\nready\nbea\n beat\nBEAT\nbeat 7\r\n")).toEqual([
    undefined,
    1.5,
    "ready",
    "ready",
    "ready",
    "ready",
    "ready",
    0.007
  ])
})

it("a stamp is the digits after one space; what else follows is of no interest yet, and what is no number is no stamp", () => {
  expect(told("beat 2000 queue=4\nbeat 2000,5\nbeats\nbeat:\nbeat  7\nbeat -7\nbeat x\nbeat \nbeat7\n")).toEqual([
    2,
    2,
    ...Array(7).fill(undefined)
  ])
  expect(told(`beat ${"9".repeat(15)}\nbeat ${"9".repeat(16)}\nbeat 0\n`)).toEqual([999_999_999_999.999, undefined, 0])
})

it("what was not ended by a newline was not said", () => {
  expect(told("beat 1000\nbeat 2000")).toEqual([1])
})

it("depends on the bytes alone, not on how they were cut", () => {
  const text = `beat 1000\nready\nbeat 2000\n${"x".repeat(200)}\nbeat 3000\nbeat ${"y".repeat(200)}\n\nbeat\n`
  const whole = told(text)
  expect(whole).toEqual([1, "ready", 2, "ready", 3, undefined, "ready", undefined])
  for (let size = 1; size <= text.length; size++) {
    const chunks = text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g"))!
    expect(told(...chunks), `in chunks of ${size}`).toEqual(whole)
  }
})

it("a line without an end is judged by its beginning, and no more of it is held", () => {
  const lines = new BeatLines({ beat: () => {}, ready: () => {} })
  for (let i = 0; i < 1_000; i++) lines.push(Buffer.alloc(1_024, "x"))
  const held = Object.values(lines).filter((value) => value instanceof Uint8Array)
  expect(held.map(({ byteLength }) => byteLength)).toEqual([BEAT_LINE_LIMIT])
  expect(told("beat 5000 ", "x".repeat(1024 * 1024), "\nbeat 6000\n")).toEqual([5, 6])
})
