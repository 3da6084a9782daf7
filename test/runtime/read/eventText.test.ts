/** The sentences about processes; those of the core have tests of their own. */
import { expect, it } from "vitest"
import { sayEvent } from "../../../src/runtime/read/eventText.ts"

const one = { path: "/r/a", incarnation: 1 }

it.each([
  [{ _tag: "LeaderEnded", ...one, code: 3 }, "exited with code 3, and has left other processes behind; stopping them"],
  [{ _tag: "LeaderEnded", ...one, signal: "SIGSEGV" }, "was killed by SIGSEGV, and has left other processes behind; stopping them"],
  [{ _tag: "LogFailed", ...one, errno: "ENOSPC", lines: 0, bytes: 0 }, "its log cannot be written (ENOSPC); it runs on"],
  [{ _tag: "LogResumed", ...one, lines: 1, bytes: 3 }, "its log is written again; 1 line (3 bytes) is missing in it"],
  [{ _tag: "LogResumed", ...one, lines: 2, bytes: 3 }, "its log is written again; 2 lines (3 bytes) are missing in it"],
  [{ _tag: "LogResumed", ...one, lines: 0, bytes: 0 }, "its log is written again; nothing is missing in it"],
  [{ _tag: "Dropped", ...one, lines: 1, bytes: 3 }, "1 line of its output (3 bytes) could not be kept"],
  [{ _tag: "Dropped", ...one, lines: 2, bytes: 3 }, "2 lines of its output (3 bytes) could not be kept"],
  [{ _tag: "Line", ...one, stream: "stderr", text: "as it is", continues: false }, "as it is"]
] as const)("%j", (event, text) => expect(sayEvent(event)).toBe(text))
