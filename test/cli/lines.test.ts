/** Lines at a terminal: the output of a child may have colours, and do nothing else to the screen. */
import { expect, it } from "vitest"
import { lineOf } from "../../src/cli/print/lines.ts"

const printed = (text: string) =>
  lineOf({ _tag: "Line", path: "/a", incarnation: 1, stream: "stdout", text, continues: false, seq: 1, at: 0 }, (_, text) => text)

it.each([
  ["plain words stay", "a\tb é 漢", "/a | a\tb é 漢"],
  ["colours pass, and end with the line", "\x1b[31mred", "/a | \x1b[31mred\x1b[0m"],
  ["the screen is not cleared, the cursor does not move", "\x1b[2J\x1b[1;1Hx\x1b[?25l", "/a | x\x1b[0m"],
  ["the window keeps its name", "\x1b]0;mine\x07x\x1b]2;mine\x1b\\y", "/a | xy\x1b[0m"],
  ["nothing is written over", "\rgone\b\b", "/a | gone\x1b[0m"],
  ["an unfinished sequence takes nothing along", "x\x1b[", "/a | x\x1b[\x1b[0m"]
])("%s", (_, text, line) => expect(printed(text)).toBe(line))
