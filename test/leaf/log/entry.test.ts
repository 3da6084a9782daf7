/** Entries of log files, and the lines that they make together. */
import { describe, expect, it } from "vitest"
import { markOf, parseEntry } from "../../../src/leaf/log/entry.ts"
import { LineJoiner } from "../../../src/leaf/log/LineJoiner.ts"

const TIME = "2026-11-27T09:40:06.123456789Z"
const entry = (rest: string) => parseEntry(Buffer.from(`${TIME} ${rest}`, "latin1"))

describe("an entry", () => {
  it.each([
    ["stdout F hello", { stream: "stdout", isLast: true, text: "hello" }],
    ["stderr P hel", { stream: "stderr", isLast: false, text: "hel" }],
    ["stdout F ", { stream: "stdout", isLast: true, text: "" }],
    ["stdout F  two  blanks ", { stream: "stdout", isLast: true, text: " two  blanks " }],
    ["stdout F a\0b\xff\x1b[2J", { stream: "stdout", isLast: true, text: "a\0b\xff\x1b[2J" }]
  ] as const)("%j", (rest, meaning) => {
    const { text, ...found } = entry(rest)!
    expect({ ...found, text: text.toString("latin1") }).toEqual({ time: TIME, ...meaning })
  })

  it.each(["stdin F x", "stdout X x", "stdout F", "stdout", "", "stdoutF x y z"])("is none: %j", (rest) => {
    expect(entry(rest)).toBeUndefined()
  })
  it.each(["", "x", TIME, "2026-11-27T09:40:06Z stdout F x", "\0".repeat(100)])("is none: %j", (line) => {
    expect(parseEntry(Buffer.from(line))).toBeUndefined()
  })
})

describe("what the keeper says", () => {
  const mark = (rest: string, path = "/r/a") => markOf(entry(rest)!, path)
  it.each([
    ["/r/a: incarnation 3 begins, pid 42", { _tag: "Begin", incarnation: 3, pid: 42 }],
    ["/r/a: incarnation 3 ended with code 7", { _tag: "End", incarnation: 3, code: 7, signal: undefined }],
    ["/r/a: incarnation 3 ended by signal 9", { _tag: "End", incarnation: 3, code: undefined, signal: "SIGKILL" }],
    ["5 lines (60 bytes) are missing here, as the log could not be written", { _tag: "Gap", lines: 5, bytes: 60 }]
  ])("--- %s ---", (text, meaning) => {
    expect(mark(`stderr F --- ${text} ---`)).toEqual(meaning)
    expect(mark(`stdout F --- ${text} ---`)).toBeUndefined()
    expect(mark(`stderr P --- ${text} ---`)).toBeUndefined()
    expect(mark(`stderr F --- ${text} --- `)).toBeUndefined()
  })
  it("is about the worker of this log", () => {
    expect(mark("stderr F --- /r/b: incarnation 3 begins, pid 42 ---")).toBeUndefined()
  })
})

describe("lines", () => {
  /** `1 stdout text` of incarnation 1; a `…` where it is torn. */
  const joined = (...entries: ReadonlyArray<string>): ReadonlyArray<string> => {
    const found: Array<string> = []
    const joiner = new LineJoiner("/r/a", 1)
    for (const text of entries) {
      joiner.add(Buffer.from(text.startsWith("torn") ? text : `${TIME} ${text}`), (item) =>
        found.push(
          item._tag === "Line"
            ? `${item.incarnation} ${item.stream} ${item.text}${item.isTorn ? "…" : ""}`
            : `${item._tag} ${item.incarnation}`
        )
      )
    }
    return found
  }
  const begin = (n: number) => `stderr F --- /r/a: incarnation ${n} begins, pid 1 ---`
  const end = (n: number) => `stderr F --- /r/a: incarnation ${n} ended with code 0 ---`
  const gap = "stderr F --- 1 lines (5 bytes) are missing here, as the log could not be written ---"

  it.each([
    ["whole ones", ["stdout F a", "stderr F b"], ["1 stdout a", "1 stderr b"]],
    ["pieces of one", ["stdout P a", "stdout P b", "stdout F c"], ["1 stdout abc"]],
    ["pieces of both streams, mixed", ["stdout P a", "stderr P x", "stdout F b", "stderr F y"], ["1 stdout ab", "1 stderr xy"]],
    ["the end of a line that is empty", ["stdout P a", "stdout F "], ["1 stdout a"]],
    ["the end of a line is missing", ["stdout P a", gap, "stdout F b"], ["1 stdout a…", "Gap 1", "1 stdout b"]],
    ["runs", ["stdout F a", end(1), begin(2), "stdout F b"], ["1 stdout a", "End 1", "Begin 2", "2 stdout b"]],
    ["nothing continues across runs", ["stdout P a", begin(2), "stdout F b"], ["1 stdout a…", "Begin 2", "2 stdout b"]],
    ["half an entry", ["stdout F a", "torn", "stdout F b"], ["1 stdout a", "1 stderr torn…", "1 stdout b"]]
  ])("%s", (_, entries, lines) => expect(joined(...entries)).toEqual(lines))

  it("are cut when they become too long", () => {
    const piece = `stdout P ${"x".repeat(60_000)}`
    const found = joined(...Array.from({ length: 300 }, () => piece), "stdout F end")
    expect(found.map((line) => line.length)).toEqual([280 * 60_000 + "1 stdout …".length, 20 * 60_000 + "1 stdout end".length])
  })
})
