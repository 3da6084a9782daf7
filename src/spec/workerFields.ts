/** The schemas of what only a worker has: its command, where and with what it runs, and when it is ready. */
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { whole, withDefault } from "./fields.ts"
import { hint, type Synonyms, synonym } from "./hint.ts"
import type { ReadySpec, Ready as ReadyType } from "./Spec.ts"

/** The operating system takes no NUL byte in arguments, environment or paths. */
const text = hint(
  (found) => (typeof found === "string" ? "text without NUL bytes" : "a string"),
  (found) => (typeof found === "number" || typeof found === "boolean" ? JSON.stringify(String(found)) : undefined)
)
const Text = Schema.String.check(Schema.isPattern(/^[^\0]*$/u, text))

const Command = Text.check(Schema.isNonEmpty(hint("the name or path of a program")))

export const Start = Schema.TupleWithRest(Schema.Tuple([Command]), [Text]).annotate(
  hint('a command and its arguments as a list, such as ["node", "web.js"]', (found) => {
    if (typeof found !== "string" || found.trim() === "") return undefined
    return /[|&;<>$`"'*?()\\]/.test(found) ? `["sh", "-c", ${JSON.stringify(found)}]` : JSON.stringify(found.trim().split(/\s+/))
  })
)

export const Folder = Text.check(Schema.isNonEmpty(hint('a folder, such as "."')))

const Variable = Schema.String.check(Schema.isPattern(/^[^=\0]+$/u, hint('a variable name: not empty, without "=" and NUL bytes')))

export const Env = Schema.Record(
  Variable,
  Schema.NullOr(Text).annotate(
    hint((found) => (typeof found === "string" ? "text without NUL bytes" : "a string, or null to remove the variable"), text.hint.suggest)
  )
).annotate(hint('variables and their values, such as { PORT: "3000" }'))

export const SuccessCodes = Schema.Array(whole(0, 255, "an exit code")).annotate(
  hint("a list of exit codes", (found) => (typeof found === "number" ? `[${found}]` : undefined))
)

const compiles = (pattern: string): string | undefined => {
  try {
    new RegExp(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^.*\/: /, "") : "invalid"
  }
}

const patternHint = hint((found) => {
  const trouble = typeof found === "string" ? compiles(found) : undefined
  return trouble === undefined ? "a regular expression as a string" : `a regular expression (this one: ${trouble})`
})
const Pattern = Schema.String.check(Schema.makeFilter((pattern) => compiles(pattern) === undefined, patternHint))

/** What is written short, `"spawned"`, and what it means inside, `{ type: "spawned" }`. */
const short = <W extends "spawned" | "exited">(word: W) =>
  Schema.Literal(word).pipe(
    Schema.decodeTo(Schema.Struct({ type: Schema.Literal(word) }), {
      decode: SchemaGetter.transform(() => ({ type: word })),
      encode: SchemaGetter.transform(() => word)
    })
  )

const Line = Schema.Struct({ type: Schema.Literal("line"), pattern: Pattern })
const Fd = Schema.Struct({ type: Schema.Literal("fd"), fd: whole(3, 255, "a descriptor").pipe(withDefault(3)) })

const readySynonyms: Synonyms = {
  started: '"spawned"',
  running: '"spawned"',
  none: '"spawned"',
  completed: '"exited"',
  succeeded: '"exited"',
  exit: '"exited"',
  fd: "fd()",
  notify: "fd()",
  line: 'line("listening")'
}

export const Ready: Schema.Codec<ReadyType, ReadySpec> = Schema.Union([short("spawned"), short("exited"), Line, Fd]).annotate(
  hint('"spawned", "exited", line("a pattern") or fd()', (found) => synonym(readySynonyms, found))
)
