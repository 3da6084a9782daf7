/** `--spawner`, for every command that runs a tree. */
import * as Flag from "effect/cli/Flag"

export const spawner = Flag.Literals("spawner", ["node", "keeper"]).pipe(
  Flag.withDefault(undefined),
  Flag.withDescription("What starts the processes: node, the portable way and the default; or keeper, a native program, on Linux.")
)
