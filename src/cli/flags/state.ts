/** `--state`, for every command that uses a running tree. */
import * as Flag from "effect/cli/Flag"

export const state = Flag.String("state").pipe(
  Flag.filter(
    (directory) => directory !== "",
    () => "the name of a state directory cannot be empty"
  ),
  Flag.withDefault(undefined),
  Flag.withDescription("The state directory. Default: .supervise beside the tree file, or here, or in the nearest folder above.")
)
