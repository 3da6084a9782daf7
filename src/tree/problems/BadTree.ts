/** A tree that cannot run, with everything that is wrong with it, for a person. */
import * as Schema from "effect/Schema"
import { SentenceError } from "../SentenceError.ts"
import { nodeAndField, type Problem, unknownKey } from "./problem.ts"

/** How many problems are listed; of the others only the number. */
const MAX_SHOWN = 50

const ProblemSchema = Schema.Struct({
  path: Schema.String,
  found: Schema.String,
  expected: Schema.String,
  suggestion: Schema.optionalKey(Schema.String)
})

/**
 * The input is not a tree that can run: `message` lists the problems with their places, `problems` has them as data.
 */
export class BadTree extends SentenceError<BadTree>()("BadTree", {
  /** The file, or "the tree". */
  source: Schema.String,
  /** Why there is no tree to examine: the file is missing, throws, hangs. Completes "… is not a tree I can run: …". */
  because: Schema.optionalKey(Schema.String),
  /** Each mistake: where, what was found, what was expected. Empty if there is no tree to examine. */
  problems: Schema.Array(ProblemSchema)
}) {
  override get message(): string {
    const head = `${this.source} is not a tree I can run: `
    if (this.because !== undefined) return `${head}${this.because}`
    const count = this.problems.length
    const more = count > MAX_SHOWN ? [`  and ${count - MAX_SHOWN} more.`] : []
    return [`${head}${count} problem${count === 1 ? "" : "s"}.`, ...this.problems.slice(0, MAX_SHOWN).map(sentence), ...more].join("\n")
  }
}

/**
 * `  /shop/web  restart: found "allways", expected "permanent", "transient" or "temporary". Did you mean "permanent"?`
 */
const sentence = ({ path, found, expected, suggestion }: Problem): string => {
  const [node, field] = nodeAndField(path)
  const place = field === "" ? node : `${node}  ${field}`
  const meant = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`
  if (found === unknownKey) return `  ${place}: unknown key${meant === "" ? `, expected ${expected}.` : `.${meant}`}`
  return `  ${place}: found ${found}, expected ${expected}.${meant}`
}
