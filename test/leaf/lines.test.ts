import { describe, expect, it } from "vitest"
import { LINE_LIMIT, Lines } from "../../src/leaf/Lines.ts"

interface Piece {
  readonly text: string
  readonly continues: boolean
}

function lines(chunks: ReadonlyArray<Buffer>): ReadonlyArray<Piece> {
  const pieces: Array<Piece> = []
  const reader = new Lines()
  const take = (bytes: Buffer, start: number, end: number, continues: boolean): void => {
    pieces.push({ text: bytes.toString("latin1", start, end), continues })
  }
  // Each chunk is overwritten after its turn: a line must not depend on it any longer.
  for (const chunk of chunks) {
    const copy = Buffer.from(chunk)
    reader.push(copy, take)
    copy.fill(0x0a)
  }
  reader.end(take)
  return pieces
}

const texts = (...chunks: ReadonlyArray<string>): ReadonlyArray<string> => lines(chunks.map((c) => Buffer.from(c))).map(({ text }) => text)

describe("lines", () => {
  it("end with a newline, or with a return and a newline", () => {
    expect(texts("a\nb\r\n\n\r\nc\rd\r\r\n")).toEqual(["a", "b", "", "", "c\rd\r"])
  })

  it("are complete however they are cut", () => {
    expect(texts("on", "e\r", "\ntw", "o", "\n", "thr", "ee")).toEqual(["one", "two", "three"])
  })

  it("need no newline at the end of the stream", () => {
    expect(texts("a\nb\r")).toEqual(["a", "b\r"])
    expect(texts("")).toEqual([])
    expect(texts("a\n")).toEqual(["a"])
  })

  it("come in pieces beyond the limit", () => {
    const long = "x".repeat(LINE_LIMIT)
    expect(lines([Buffer.from(`${long}\r\n`)])).toEqual([{ text: long, continues: false }])
    expect(lines([Buffer.from(`${long}y\n`)])).toEqual([
      { text: long, continues: true },
      { text: "y", continues: false }
    ])
    expect(lines([Buffer.from(`${long}${long}z`)]).map(({ text, continues }) => [text.length, continues])).toEqual([
      [LINE_LIMIT, true],
      [LINE_LIMIT, true],
      [1, false]
    ])
  })

  it("are never cut inside a character", () => {
    for (const character of ["é", "€", "😀"]) {
      for (let shift = 0; shift < 4; shift++) {
        const text = "x".repeat(shift) + character.repeat(LINE_LIMIT)
        const pieces = lines([Buffer.from(text)]).map((piece) => Buffer.from(piece.text, "latin1"))
        for (const piece of pieces) {
          expect(piece.length).toBeLessThanOrEqual(LINE_LIMIT)
          expect(piece.toString().includes("\ufffd")).toBe(false)
        }
        expect(Buffer.concat(pieces).toString()).toBe(text)
      }
    }
  })

  it("are the same however any bytes are cut", () => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
    const replay = `SEED=${seed} npx vitest run test/leaf/lines.test.ts`
    const random = generator(seed)
    for (let run = 0; run < 300; run++) {
      const bytes = someBytes(random)
      const expected = reference(bytes)
      for (let cut = 0; cut < 3; cut++) expect(lines(chunks(bytes, random)), replay).toEqual(expected)
    }
  })
})

/** The expected result, computed the simplest way: split first, then cut. */
function reference(bytes: Buffer): ReadonlyArray<Piece> {
  const parts = bytes.toString("latin1").split("\n")
  const last = parts.pop()!
  const whole = parts.map((part) => part.replace(/\r$/, ""))
  if (last !== "") whole.push(last)
  return whole.flatMap((line) => {
    const pieces: Array<Piece> = []
    let rest = line
    while (rest.length > LINE_LIMIT) {
      const back = [0, 1, 2, 3].find((n) => (rest.charCodeAt(LINE_LIMIT - n) & 0xc0) !== 0x80) ?? 0
      pieces.push({ text: rest.slice(0, LINE_LIMIT - back), continues: true })
      rest = rest.slice(LINE_LIMIT - back)
    }
    return [...pieces, { text: rest, continues: false }]
  })
}

type Random = (below: number) => number

/** mulberry32 */
function generator(seed: number): Random {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below
  }
}

function someBytes(random: Random): Buffer {
  const parts: Array<Buffer> = []
  for (let n = Math.floor(random(12)); n >= 0; n--) {
    const kind = Math.floor(random(5))
    if (kind === 0) parts.push(Buffer.from(["\n", "\r\n", "\r", "\r\r\n"][Math.floor(random(4))]!))
    else if (kind === 1) parts.push(Buffer.from("aé€😀".repeat(Math.floor(random(8)))))
    else if (kind === 2) parts.push(Buffer.from(Array.from({ length: Math.floor(random(9)) }, () => Math.floor(random(256)))))
    else if (kind === 3) parts.push(Buffer.from(["x", "é", "€", "\x80"][Math.floor(random(4))]!, random(2) < 1 ? "utf8" : "latin1"))
    // Around the limit, where the edge cases are.
    else parts.push(Buffer.alloc(Math.floor(LINE_LIMIT - 3 + random(7)) * (random(4) < 1 ? 2 : 1), random(3) < 1 ? "é" : "x"))
  }
  return Buffer.concat(parts)
}

function chunks(bytes: Buffer, random: Random): ReadonlyArray<Buffer> {
  const parts: Array<Buffer> = []
  const typical = [1, 7, 300, 70_000][Math.floor(random(bytes.length > 5_000 ? 2 : 0)) + (bytes.length > 5_000 ? 2 : 0)]!
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + Math.floor(random(2 * typical))
    parts.push(bytes.subarray(at, at + size))
    at += size
  }
  return parts
}
