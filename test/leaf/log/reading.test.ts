/** Reading logs: whatever is done to their files meanwhile, each line is read once. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { LogCursor, type LogPlace } from "../../../src/leaf/log/LogCursor.ts"
import { incarnationAt, placeOfLast, placeSince } from "../../../src/leaf/log/places.ts"
import { type PathItem, type Reading, read } from "../../../src/leaf/log/reading.ts"
import { LogWriter } from "./LogWriter.ts"

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "supervise-log-"))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

type Item = Omit<PathItem, "path">
const said = (item: Item & { readonly text?: Buffer; readonly because?: string; readonly incarnation?: number | undefined }): string =>
  item._tag === "Line" ? item.text!.toString("latin1") : `${item._tag} ${item.because ?? item.incarnation}`

const next = async (cursor: LogCursor): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  for await (const items of cursor.read()) found.push(...items.map(said))
  return found
}
const all = (log: LogWriter, from?: LogPlace) => next(new LogCursor("/r/a", log.folder, from))
const last = (log: LogWriter, lines: number) => placeOfLast("/r/a", log.folder, { lines })

const readAll = async (more: Partial<Reading> = {}): Promise<ReadonlyArray<string>> => {
  const reading = { root, isMeant: () => true, lines: undefined, needsIncarnations: true, follow: false, ...more }
  const found: Array<string> = []
  for await (const batch of read(reading)) found.push(...batch.map((item) => `${item.path} ${said(item)}`))
  return found
}

describe("a log", () => {
  it("is read from its oldest file on, whether or not it is compressed", async () => {
    const log = new LogWriter(root, "/r/a")
    log.line("one")
    log.rotate()
    log.line("two")
    log.rotate()
    log.line("three")
    log.compress(log.rotated[0]!)
    expect(await all(log)).toEqual(["one", "two", "three"])
    expect(await all(new LogWriter(root, "/r/b"))).toEqual([])
  })

  it("is read on where it was left, after rotation and compression", async () => {
    const log = new LogWriter(root, "/r/a")
    const cursor = new LogCursor("/r/a", log.folder)
    log.line("one")
    expect(await next(cursor)).toEqual(["one"])
    log.line("two")
    log.rotate()
    log.line("three")
    log.rotate()
    log.line("four")
    log.compress(log.rotated[0]!)
    expect(await next(cursor)).toEqual(["two", "three", "four"])
    expect(await next(cursor)).toEqual([])
    log.rotate()
    expect(await next(cursor)).toEqual([])
    log.line("five")
    expect(await next(cursor)).toEqual(["five"])
  })

  it("is read only as far as its last whole entry", async () => {
    const log = new LogWriter(root, "/r/a")
    const cursor = new LogCursor("/r/a", log.folder)
    log.line("one")
    log.raw("2025-11-27T09:40:00.000000000Z stdout F tw")
    expect(await next(cursor)).toEqual(["one"])
    log.raw("o\n")
    expect(await next(cursor)).toEqual(["two"])
  })

  it.each([false, true])("whose file was removed before it was read says so (its successor is compressed: %s)", async (isCompressed) => {
    const log = new LogWriter(root, "/r/a")
    const cursor = new LogCursor("/r/a", log.folder)
    log.line("one")
    await next(cursor)
    log.line("two")
    log.rotate()
    log.line("three")
    log.rotate()
    log.removeOldest()
    if (isCompressed) log.compress(log.rotated[0]!)
    expect(await next(cursor)).toEqual(["Skipped files were removed, or cut, before all of them was read", "three"])
  })

  it("that was cut is read from its beginning", async () => {
    const log = new LogWriter(root, "/r/a")
    const cursor = new LogCursor("/r/a", log.folder)
    log.line("one is long")
    await next(cursor)
    truncateSync(join(log.folder, "current.log"))
    log.line("two")
    expect(await next(cursor)).toEqual(["Skipped files were removed, or cut, before all of them was read", "two"])
  })

  it("with a file that is broken is read without it", async () => {
    const log = new LogWriter(root, "/r/a")
    log.line("one")
    log.rotate()
    const [name = ""] = log.rotated
    log.compress(name)
    writeFileSync(join(log.folder, `${name}.gz`), "no gzip")
    log.line("two")
    expect(await all(log)).toEqual([`Skipped ${name} cannot be read: incorrect header check`, "two"])
    expect(await all(log, await last(log, 5))).toEqual([`Skipped ${name} cannot be read: incorrect header check`, "two"])
  })
})

describe("the place to begin", () => {
  it("at the last lines is before the first piece of the first of them", async () => {
    const log = new LogWriter(root, "/r/a")
    log.line("zero")
    log.line("x", "stderr")
    log.entry("stderr", "P", "be")
    log.line("one")
    log.rotate()
    log.entry("stdout", "P", "tw")
    log.entry("stderr", "F", "fore")
    log.entry("stdout", "F", "o")
    log.line("three")
    expect((await all(log, await last(log, 1))).slice(-1)).toEqual(["three"])
    expect((await all(log, await last(log, 2))).slice(-2)).toEqual(["two", "three"])
    expect((await all(log, await last(log, 3))).slice(-3)).toEqual(["before", "two", "three"])
    expect(await all(log, await last(log, 0))).toEqual([])
    expect(await all(log, await last(log, 100))).toEqual(["zero", "x", "one", "before", "two", "three"])
  })

  it("knows the incarnation", async () => {
    const log = new LogWriter(root, "/r/a")
    log.begin(1)
    log.line("one")
    log.end(1)
    log.begin(2)
    log.rotate()
    log.compress(log.rotated[0]!)
    log.line("two")
    log.line("three")
    expect(await incarnationAt("/r/a", log.folder, await last(log, 1))).toBe(2)
    expect(await incarnationAt("/r/a", log.folder, { after: "", offset: 0 })).toBeUndefined()
    log.removeOldest()
    expect(await incarnationAt("/r/a", log.folder, await last(log, 1))).toBeUndefined()
  })

  it("since a time leaves out files that are older", async () => {
    const log = new LogWriter(root, "/r/a")
    for (const text of ["one", "two", "three"]) {
      log.line(text)
      log.rotate()
    }
    expect(await placeSince(log.folder, "2025-11-27T09:40:00.002")).toEqual({ after: log.rotated[0], offset: 0 })
    expect(await readAll({ since: "2025-11-27T09:40:00.002" })).toEqual(["/r/a two", "/r/a three"])
  })
})

describe("several logs", () => {
  const two = () => {
    const [a, b] = [new LogWriter(root, "/r/a"), new LogWriter(root, "/r/b/c", 1)]
    a.begin(1)
    for (let i = 1; i <= 3; i++) {
      a.tick = b.tick = 10 * i
      a.line(`a${i}`)
      b.line(`b${i}`, "stderr")
      if (i === 2) a.rotate()
    }
    a.end(1, "by signal 15")
    return [a, b] as const
  }

  it("are one, in the order of time", async () => {
    two()
    const lines = ["/r/a a1", "/r/b/c b1", "/r/a a2", "/r/b/c b2", "/r/a a3", "/r/b/c b3"]
    expect(await readAll()).toEqual(["/r/a Begin 1", ...lines, "/r/a End 1"])
    expect(await readAll({ lines: 3 })).toEqual([...lines.slice(3), "/r/a End 1"])
    expect(await readAll({ lines: 0 })).toEqual([])
    expect(await readAll({ isMeant: (path) => path === "/r/b/c", lines: 2 })).toEqual(["/r/b/c b2", "/r/b/c b3"])
    expect(await readAll({ stream: "stderr" })).toEqual(lines.filter((line) => line.includes("b/c")))
    expect(await readAll({ incarnation: 1, lines: 2 })).toEqual(["/r/a a2", "/r/a a3", "/r/a End 1"])
    expect(await readAll({ incarnation: 2 })).toEqual([])
  })

  it("are followed, with those that appear later", async () => {
    const [a] = two()
    const reading = { root, isMeant: () => true, lines: 1, needsIncarnations: false, follow: true }
    const found: Array<string> = []
    for await (const batch of read(reading)) {
      found.push(...batch.map((item) => `${item.path} ${said(item)}`))
      if (found.length === 2) {
        a.line("more")
        a.rotate()
        a.line("and more")
      }
      if (found.includes("/r/a and more") && !found.includes("/r/d new")) new LogWriter(root, "/r/d").line("new")
      if (found.includes("/r/d new")) break
    }
    expect(found).toEqual(["/r/b/c b3", "/r/a End 1", "/r/a more", "/r/a and more", "/r/d new"])
  })
})

describe("any log", () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 12 }).map((all) => Buffer.from(all.filter((byte) => byte !== 10)))
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        stream: fc.constantFrom("stdout" as const, "stderr" as const),
        pieces: fc.array(bytes, { minLength: 1, maxLength: 3 })
      })
    },
    { weight: 1, arbitrary: fc.record({ stream: fc.constant("stdout" as const), pieces: fc.constant([Buffer.alloc(70_000, "long")]) }) },
    fc.constantFrom("rotate" as const, "compress" as const, "read" as const)
  )

  it(`is read as it was written (SEED=${seed} npx vitest run test/leaf/log/reading.test.ts)`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(20), async (steps, lines) => {
        const log = new LogWriter(mkdtempSync(join(root, "log-")), "/r/a")
        const following = new LogCursor("/r/a", log.folder)
        const followed: Array<string> = []
        const written: Array<string> = []
        for (const what of steps) {
          if (what === "rotate") log.rotate()
          else if (what === "compress") for (const name of log.rotated) log.compress(name)
          else if (what === "read") followed.push(...(await next(following)))
          else {
            const { stream, pieces } = what
            for (const [i, piece] of pieces.entries()) log.entry(stream, i === pieces.length - 1 ? "F" : "P", piece)
            written.push(Buffer.concat(pieces).toString("latin1"))
          }
        }
        followed.push(...(await next(following)))
        expect(followed).toEqual(written)
        expect(await all(log)).toEqual(written)
        const ending = await all(log, await last(log, lines))
        expect(ending.length).toBeGreaterThanOrEqual(Math.min(lines, written.length))
        expect(ending).toEqual(ending.length === 0 ? [] : written.slice(-ending.length))
      }),
      { seed, numRuns: 100 }
    )
  })
})
