import { expect, it } from "vitest"
import { BEAT_LINE_LIMIT, BeatLines } from "../../src/leaf/BeatLines.ts"

/** What these chunks are read as: "ready", or the timestamp of a beat. */
function read(...chunks: ReadonlyArray<string>): ReadonlyArray<string | number | undefined> {
  const seen: Array<string | number | undefined> = []
  const lines = new BeatLines({ beat: (sentAt) => seen.push(sentAt), ready: () => seen.push("ready") })
  for (const chunk of chunks) lines.push(Buffer.from(chunk, "latin1"))
  return seen
}

it("a line that begins with beat is a heartbeat, any other is readiness", () => {
  expect(read("beat\nbeat 1500\n\nready\nbea\n beat\nBEAT\nbeat 7\r\n")).toEqual([
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

it("a timestamp is the digits after one space; what follows them is ignored, and anything else is no timestamp", () => {
  expect(read("beat 2000 queue=4\nbeat 2000,5\nbeats\nbeat:\nbeat  7\nbeat -7\nbeat x\nbeat \nbeat7\n")).toEqual([
    2,
    2,
    ...Array(7).fill(undefined)
  ])
  expect(read(`beat ${"9".repeat(15)}\nbeat ${"9".repeat(16)}\nbeat 0\n`)).toEqual([999_999_999_999.999, undefined, 0])
})

it("a line without its newline does not count", () => {
  expect(read("beat 1000\nbeat 2000")).toEqual([1])
})

it("the result depends on the bytes alone, not on how they were cut", () => {
  const text = `beat 1000\nready\nbeat 2000\n${"x".repeat(200)}\nbeat 3000\nbeat ${"y".repeat(200)}\n\nbeat\n`
  const whole = read(text)
  expect(whole).toEqual([1, "ready", 2, "ready", 3, undefined, "ready", undefined])
  for (let size = 1; size <= text.length; size++) {
    const chunks = text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g"))!
    expect(read(...chunks), `in chunks of ${size}`).toEqual(whole)
  }
})

it("of an endless line only the beginning counts, and only that is kept", () => {
  const lines = new BeatLines({ beat: () => {}, ready: () => {} })
  for (let i = 0; i < 1_000; i++) lines.push(Buffer.alloc(1_024, "x"))
  const held = Object.values(lines).filter((value) => value instanceof Uint8Array)
  expect(held.map(({ byteLength }) => byteLength)).toEqual([BEAT_LINE_LIMIT])
  expect(read("beat 5000 ", "x".repeat(1024 * 1024), "\nbeat 6000\n")).toEqual([5, 6])
})
