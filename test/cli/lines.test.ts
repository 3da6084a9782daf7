/** Lines at a terminal: the output of a worker may have colours, and nothing else may do anything to the screen. */
import { expect, it } from "vitest"
import { linesFor, type Paint } from "../../src/cli/print/lines.ts"
import { printable } from "../../src/cli/print/terminal.ts"
import type { TreeEvent } from "../../src/runtime/read/TreeEvent.ts"

const unpainted: Paint = (_, text) => text
const line = (text: string, continues = false, stream: "stdout" | "stderr" = "stdout"): TreeEvent => ({
  ...{ _tag: "Line", path: "/a", incarnation: 1, stream, text, continues, seq: 1, at: 0 }
})
const printed = (text: string) => printable(linesFor(unpainted)(line(text))!)

it.each([
  ["plain words stay", "a\tb é 漢", "/a | a\tb é 漢"],
  ["colours pass, and end with the line", "\x1b[31mred", "/a | \x1b[31mred\x1b[0m"],
  ["the screen is not cleared, the cursor does not move", "\x1b[2J\x1b[1;1Hx\x1b[?25l", "/a | x\x1b[0m"],
  ["the window keeps its name", "\x1b]0;mine\x07x\x1b]2;mine\x1b\\y", "/a | xy\x1b[0m"],
  ["nothing is written over", "\rgone\b\b", "/a | gone"],
  ["of a progress that is written over, the last state is shown", "10%\r50%\r99%\r", "/a | 99%"],
  ["an unfinished sequence takes nothing along", "x\x1b[", "/a | x[\x1b[0m"],
  ["an unfinished title takes nothing along", "\x1b]0;mine", "/a | 0;mine\x1b[0m"],
  ["what is left of two sequences is not a third", "\x1b\x1b[K[2J\x1b[\x002J", "/a | [2J[2J\x1b[0m"],
  ["nor do the control characters of Latin-1 do anything", "\x9d52;c;aGk=\x9c\x9b2Jx\x85", "/a | x"],
  ["what looks like a colour and sets a mode does not pass", "\x1b[>4;1m\x1b[?4mx", "/a | x\x1b[0m"],
  ["the direction of the text stays", "a\u202eb\u2066c\u2028d", "/a | abcd"]
])("%s", (_, text, line) => expect(printed(text)).toBe(line))

it("what a worker says of itself is not printed each time", () => {
  const status = { _tag: "Notified", path: "/shop/web", incarnation: 1, status: "3 clients", seq: 1, at: 0 } as const
  expect(linesFor(unpainted)(status)).toBeUndefined()
})

it("is one line, without foreign colours, if a server or a system call said more", () => {
  const because = 'answered 500 with "\x1b[31m\x9b2J"\r\n/a | not me'
  const failed: TreeEvent = { _tag: "HealthCheckFailed", path: "/a", incarnation: 1, because, seq: 1, at: 0 }
  expect(printable(linesFor(unpainted)(failed)!)).toMatch(/^\S+ \/a health check failed: answered 500 with "" \/a \| not me$/)
})

it("a line of which the rest was lost does not mark the first line of another child with its name", () => {
  const lineOf = linesFor(unpainted)
  lineOf(line("torn", true))
  lineOf({ _tag: "Removed", path: "/a", seq: 1, at: 0 })
  expect(lineOf(line("new"))).toBe("/a | new")
})

it("is marked where it is torn, for each stream by itself", () => {
  const lineOf = linesFor(unpainted)
  const pieces = [
    line("Password: ", true),
    line("oops", false, "stderr"),
    line("", true),
    line("x"),
    line("Building", true),
    line(""),
    line("next")
  ]
  expect(pieces.map((piece) => lineOf(piece))).toEqual([
    "/a | Password: …",
    "/a ! oops",
    "/a | ……",
    "/a | …x",
    "/a | Building…",
    undefined,
    "/a | next"
  ])
})
