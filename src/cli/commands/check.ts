/** `supervise check <tree>`: validates a tree file and prints the tree. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { findingsIn } from "../../sim/lint.ts"
import { encodeTree } from "../../tree/decode.ts"
import { describeFinding, describeTree } from "../check/describe.ts"
import { tier } from "../flags/tier.ts"
import { loadTree } from "../load/load.ts"
import { errors } from "../print/errors.ts"
import { print } from "../print/print.ts"

const json = Flag.Boolean("json").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Print the decoded tree as JSON, with every default filled in.")
)

export const check = Command.make(
  "check",
  { tree: Argument.String("tree"), json, tier },
  Effect.fnUntraced(function* (input) {
    const { tree } = yield* loadTree(input.tree, { tier: input.tier })
    for (const finding of findingsIn(tree)) errors.line(describeFinding(finding))
    yield* print(input.json ? JSON.stringify(encodeTree(tree), undefined, 2) : describeTree(tree))
  })
).pipe(Command.withDescription("Validate a tree file: report every mistake and every warning, and print the tree."))
