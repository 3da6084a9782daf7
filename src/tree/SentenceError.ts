/**
 * The base of our errors: a tag, data, and a sentence as `message`. `console.log` shows it like any error of Node, the
 * sentence first; Effect's own errors show only their data.
 */
import type { YieldableError } from "effect/Cause"
import * as Schema from "effect/Schema"

export const SentenceError =
  <Self>() =>
  <const Tag extends string, const Fields extends Schema.Struct.Fields>(tag: Tag, fields: Fields) => {
    const Base = Schema.TaggedError<Self>()(tag, fields) as unknown as Schema.Class<Self, Schema.TaggedStruct<Tag, Fields>, YieldableError>
    Object.defineProperty(Base.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: undefined })
    return Base
  }
