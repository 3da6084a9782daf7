/** `--tier`, for every command that loads a tree file. */
import * as Flag from "effect/cli/Flag"

export const tier = Flag.String("tier").pipe(
  Flag.withDefault(undefined),
  Flag.withDescription("A value such as production, passed to a tree file that exports a function of { env, tier }.")
)
