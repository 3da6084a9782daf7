/**
 * Rooms are the folders of `src`; the tests of a room are in the folder of the same name in `test`. This table has what
 * that does not say.
 */
import type { Order } from "../ways.ts"

interface Room {
  /** Neither clock nor processes: its tests may share one process, which is much faster. */
  readonly isPure?: true
  /** Ways of `judge.ts` for this room, tried first as they are the fastest. */
  readonly laws?: ReadonlyArray<Order>
  /** Tests of the same laws, which need not be run again. */
  readonly sameAsLaws?: ReadonlyArray<string>
  /** Tests of other rooms that depend on it, as files or folders, without `.test.ts`. */
  readonly behind: ReadonlyArray<string>
}

const rooms: Record<string, Room> = {
  tree: {
    isPure: true,
    behind: ["test/cli/badTrees", "test/cli/describe", "test/sim/lint", "test/cli/load", "test/cli/exit65", "test/cli/locations"]
  },
  core: {
    isPure: true,
    laws: ["stories", "detection", "pacing", "properties=1000"],
    sameAsLaws: ["test/core/stories", "test/core/detection/detector", "test/core/detection/phi", "test/core/properties"],
    behind: ["test/codec", "test/otp/replay", "test/otp/conformance", "test/runtime/read/decisionLog", "test/runtime/kernel/kernel"]
  },
  codec: { isPure: true, behind: ["test/sim/replay", "test/runtime/recordings"] },
  leaf: { behind: ["test/runtime", "test/embed", "test/cli/foreground", "test/cli/control"] },
  runtime: {
    behind: ["test/embed", "test/http", "test/cli/foreground", "test/cli/control", "test/cli/why", "test/cli/live", "test/supervisors/shop"]
  },
  sim: { isPure: true, behind: ["test/cli/rehearse", "test/core/properties"] },
  http: { behind: ["test/cli/control", "test/cli/why", "test/embed", "test/cli/foreground"] },
  embed: { behind: ["test/http", "test/examples", "test/runtime"] },
  cli: { behind: ["test/embed", "test/http", "test/supervisors/shop"] }
}

export const roomOf = (name: string): Room => rooms[name] ?? { behind: [] }
export const everyRoom: ReadonlyArray<[string, Room]> = Object.entries(rooms)

/** Tests that take minutes, by parts of their paths: too slow for mutants. */
export const slow: ReadonlyArray<string> = [
  "test/bench",
  "test/mutants/",
  "test/package",
  "test/readme",
  "test/runtime/hangs",
  "test/runtime/healthy",
  "test/runtime/storm",
  "test/runtime/thousand",
  "test/supervisors/devloop",
  "test/supervisors/goxel",
  "test/supervisors/graphium",
  "test/supervisors/misterSmith",
  "test/supervisors/rbee"
]
