/** From what a person wrote to a tree, or to everything that is wrong with it at once; and back. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as EffectSchema from "effect/Schema"
import { plainData } from "./plainData.ts"
import { BadTree } from "./problems/BadTree.ts"
import { explain } from "./problems/explain.ts"
import { inOrder, type Located, type Problem, pathOf } from "./problems/problem.ts"
import { broken, limits, type Within } from "./problems/rules.ts"
import type { AutoShutdown, Child, Tree, TreeSpec } from "./Spec.ts"
import * as Schema from "./schema/Schema.ts"

/** Where a child is to be added. */
interface Parent {
  /** The path of its supervisor or pool. */
  readonly path: string
  readonly kind: "supervisor" | "pool"
  readonly autoShutdown?: AutoShutdown
}

/** A tree with all defaults filled in, or everything that is wrong with it. `source` is what the message calls it. */
export const decodeTreeResult = (input: unknown, source = "the tree"): Result.Result<Tree, BadTree> =>
  decode(input, { kind: "root" }, "", source) as Result.Result<Tree, BadTree>

/** The same as an effect, which fails with what is wrong. */
export const decodeTree = (input: unknown, source?: string): Effect.Effect<Tree, BadTree> =>
  Effect.suspend(() => Effect.fromResult(decodeTreeResult(input, source)))

/** The same at once: throws what is wrong. */
export const decodeTreeOrThrow = (input: unknown): Tree => Result.getOrThrow(decodeTreeResult(input))

/** A child that is added while its supervisor or pool runs. Whether its id is free is for the supervisor to say. */
export const decodeChildResult = (input: unknown, within: Parent): Result.Result<Child, BadTree> =>
  decode(input, within, within.path, "the child")

/** The same as an effect, which fails with what is wrong. */
export const decodeChild = (input: unknown, within: Parent): Effect.Effect<Child, BadTree> =>
  Effect.suspend(() => Effect.fromResult(decodeChildResult(input, within)))

const encode = EffectSchema.encodeSync(Schema.Child)

/** What a person would have had to write to get this tree; no field is left out. */
export const encodeTree = (tree: Tree): TreeSpec => encode(tree) as TreeSpec

const parse = EffectSchema.decodeUnknownResult(Schema.Child, { errors: "all", onExcessProperty: "error" })

const decode = (input: unknown, within: Within, base: string, source: string): Result.Result<Child, BadTree> => {
  const bad = (problems: ReadonlyArray<Problem>) => Result.fail(new BadTree({ source, problems }))
  const { copy, problems } = plainData(input, base)
  if (problems.length > 0) return bad(problems)
  const written = (found: ReadonlyArray<Located>) =>
    inOrder(copy, found).map(({ keys, ...rest }) => ({ path: pathOf(copy, keys, base), ...rest }))
  const over = limits(copy, within)
  if (over.length > 0) return bad(written(over))

  const parsed = parse(copy)
  const found = [...(Result.isFailure(parsed) ? explain(copy, parsed.failure.issue) : []), ...broken(copy, within)]
  return found.length > 0 || Result.isFailure(parsed) ? bad(written(found)) : Result.succeed(parsed.success)
}
