/** `supervise check <tree>`: validates a tree file and prints the tree. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { CommandFailed } from "../CommandFailed.ts"
import { EXIT } from "../exitCodes.ts"
import { showSecrets } from "../flags/showSecrets.ts"
import { tier } from "../flags/tier.ts"
import { errors } from "../print/errors.ts"
import { print } from "../print/print.ts"
import { jsonText } from "../print/terminal.ts"

const json = Flag.Boolean("json").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Print the decoded tree as JSON, with every default filled in.")
)

const strict = Flag.Boolean("strict").pipe(Flag.withDefault(false), Flag.withDescription("Exit with 65 if there is a warning, for CI."))

export const check = Command.make(
  "check",
  { tree: Argument.String("tree"), json, strict, tier, showSecrets },
  Effect.fnUntraced(function* (input) {
    const { loadTree } = yield* Effect.promise(() => import("../load/load.ts"))
    const { encodeTree } = yield* Effect.promise(() => import("../../tree/decode.ts"))
    const { redactSpec } = yield* Effect.promise(() => import("../../tree/redactSpec.ts"))
    const { findingsHere } = yield* Effect.promise(() => import("../check/findingsHere.ts"))
    const { describeFinding, describeTree } = yield* Effect.promise(() => import("../check/describe.ts"))
    const { tree, folder } = yield* loadTree(input.tree, { tier: input.tier })
    const findings = findingsHere(tree, folder)
    for (const finding of findings) errors.line(describeFinding(finding))
    const shown = input.showSecrets ? tree : redactSpec(tree)
    yield* print(input.json ? jsonText(encodeTree(shown), 2) : describeTree(shown))
    if (input.strict && findings.length > 0) {
      const warnings = findings.length === 1 ? "1 warning" : `${findings.length} warnings`
      return yield* new CommandFailed({ sentence: `${warnings}, and --strict allows none.`, code: EXIT.badTree })
    }
  })
).pipe(Command.withDescription("Validate a tree file: report every mistake and every warning, and print the tree."))
