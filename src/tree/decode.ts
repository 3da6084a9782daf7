/** Decodes what a person wrote into a tree, or into everything that is wrong with it; and encodes a tree. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as EffectSchema from "effect/Schema"
import { plainData } from "./plainData.ts"
import { BadTree } from "./problems/BadTree.ts"
import { explain } from "./problems/explain.ts"
import { inOrder, isRecord, type Located, type Problem, pathOf } from "./problems/problem.ts"
import { broken, limits, type Within } from "./problems/rules.ts"
import type { AutoShutdown, Child, Tree, TreeSpec } from "./Spec.ts"
import * as Schema from "./schema/Schema.ts"

/** Where a child is added. */
interface Parent {
  /** The path of its supervisor or pool. */
  readonly path: string
  readonly kind: "supervisor" | "pool"
  readonly autoShutdown?: AutoShutdown
}

/**
 * Decodes a tree and fills in all defaults; or fails with everything that is wrong. `source` is what the message calls
 * it.
 */
export const decodeTreeResult = (input: unknown, source = "the tree"): Result.Result<Tree, BadTree> =>
  decode(input, { kind: "root" }, "", source) as Result.Result<Tree, BadTree>

/** `decodeTreeResult` as an effect. */
export const decodeTree = (input: unknown, source?: string): Effect.Effect<Tree, BadTree> =>
  Effect.suspend(() => Effect.fromResult(decodeTreeResult(input, source)))

/** `decodeTreeResult`, but throws `BadTree`. */
export const decodeTreeOrThrow = (input: unknown): Tree => Result.getOrThrow(decodeTreeResult(input))

/**
 * Decodes a child that is added to a running supervisor or pool. Whether its id is free is for the supervisor to check.
 */
export const decodeChildResult = (input: unknown, within: Parent): Result.Result<Child, BadTree> =>
  decode(input, within, within.path, "the child")

/** `decodeChildResult` as an effect. */
export const decodeChild = (input: unknown, within: Parent): Effect.Effect<Child, BadTree> =>
  Effect.suspend(() => Effect.fromResult(decodeChildResult(input, within)))

const encode = EffectSchema.encodeSync(Schema.Child)

/** What a person would write to get this tree, with every field. */
export const encodeTree = (tree: Tree): TreeSpec => encode(tree) as TreeSpec

/** Two checks of one value may expect the same of it. */
const eachOnce = (problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> =>
  problems.filter(({ path, expected }, n) => problems.findIndex((other) => other.path === path && other.expected === expected) === n)

const parse = EffectSchema.decodeUnknownResult(Schema.Child, { errors: "all", onExcessProperty: "error" })

const decode = (input: unknown, within: Within, base: string, source: string): Result.Result<Child, BadTree> => {
  const bad = (problems: ReadonlyArray<Problem>) => Result.fail(new BadTree({ source, problems }))
  const { copy, problems } = plainData(input, base)
  if (problems.length > 0) return bad(problems)
  const withPaths = (found: ReadonlyArray<Located>) =>
    eachOnce(inOrder(copy, found).map(({ keys, ...rest }) => ({ path: pathOf(copy, keys, base), ...rest })))
  const exceeded = limits(copy, within)
  if (exceeded.length > 0) return bad(withPaths(exceeded))

  const parsed = parse(copy)
  const found = [...(Result.isFailure(parsed) ? explain(copy, parsed.failure.issue) : []), ...broken(copy, within)]
  if (found.length > 0 || Result.isFailure(parsed)) return bad(withPaths(found))
  return Result.succeed(within.kind === "root" ? asRoot(parsed.success, copy) : parsed.success)
}

/** A root that does not say what it does above its limit has other defaults than a child, as which it was parsed. */
function asRoot(child: Child, written: unknown): Child {
  if (child.type === "worker" || !isRecord(written) || written.onIntensity !== undefined) return child
  const onIntensity = Schema.defaultOnIntensity("root", child.type === "pool" ? "OneForOne" : child.strategy)
  if (child.type === "supervisor") return { ...child, onIntensity }
  const { intensity, ...pool } = child
  return Schema.withLimits({ ...pool, onIntensity, ...(written.intensity === undefined ? {} : { intensity }) })
}
