/** Says on stderr what an earlier supervisor of this state directory has left behind. */
import * as Effect from "effect/Effect"
import { orphansOf, sayOrphans } from "../../runtime/state/orphans.ts"
import { errors } from "./errors.ts"

export const mentionOrphans = (state: string): Effect.Effect<void> =>
  Effect.sync(() => {
    const orphans = orphansOf(state)
    if (orphans.length > 0) errors.line(sayOrphans(state, orphans))
  })
