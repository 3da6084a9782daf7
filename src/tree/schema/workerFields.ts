/** The schemas of what a command needs: its words, its folder, its environment and its exit codes; and of patterns. */
import * as Schema from "effect/Schema"
import { whyInvalid } from "../pattern.ts"
import { expectation } from "../problems/expectation.ts"
import { StopSignal, whole } from "./fields.ts"

/** The operating system does not accept NUL bytes in arguments, environment or paths. */
const text = expectation(
  (found) => (typeof found === "string" ? "text without NUL bytes" : "a string"),
  (found) => (typeof found === "number" || typeof found === "boolean" ? JSON.stringify(String(found)) : undefined)
)
export const Text = Schema.String.check(Schema.isPattern(/^[^\0]*$/u, text))

const Command = Text.check(Schema.isNonEmpty(expectation("the name or path of a program")))

/** A command written as one text, as a list; with a shell if it needs one. */
export function asCommand(found: unknown): string | undefined {
  if (typeof found !== "string" || found.trim() === "" || found.includes("\0")) return undefined
  return /[|&;<>$`"'*?()\\]/.test(found) ? `["sh", "-c", ${JSON.stringify(found)}]` : JSON.stringify(found.trim().split(/\s+/))
}

export const Start = Schema.TupleWithRest(Schema.Tuple([Command]), [Text]).annotate(
  expectation('a command and its arguments as a list, such as ["node", "web.js"]', asCommand)
)

export const Folder = Text.check(Schema.isNonEmpty(expectation('a folder, such as "."')))

const Variable = Schema.String.check(Schema.isPattern(/^[^=\0]+$/u, expectation('a variable name: not empty, without "=" and NUL bytes')))

export const Env = Schema.Record(
  Variable,
  Schema.NullOr(Text).annotate(
    expectation(
      (found) => (typeof found === "string" ? "text without NUL bytes" : "a string, or null to remove the variable"),
      text.hint.suggest
    )
  )
).annotate(expectation('variables and their values, such as { PORT: "3000" }'))

const exitCode = whole(0, 255, "an exit code")
const isExitCode = Schema.is(exitCode)

export const ExitCodes = Schema.Array(exitCode).annotate(
  expectation("a list of exit codes", (found) => (isExitCode(found) ? `[${found}]` : undefined))
)

export const SuccessCodes = Schema.Array(
  Schema.Union([exitCode, StopSignal]).annotate(expectation('an exit code from 0 to 255, or a signal such as "SIGTERM"'))
).annotate(
  expectation("a list of exit codes and signals", (found) =>
    isExitCode(found) || Schema.is(StopSignal)(found) ? `[${JSON.stringify(found)}]` : undefined
  )
)

const patternHint = expectation((found) => {
  const invalid = typeof found === "string" ? whyInvalid(found) : undefined
  return invalid === undefined ? "a regular expression as a string" : `a regular expression (this one: ${invalid})`
})
export const Pattern = Schema.String.check(Schema.makeFilter((pattern) => whyInvalid(pattern) === undefined, patternHint))
