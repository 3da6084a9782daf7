/**
 * What the tests of a room do not tell by their place. Rooms themselves are the folders of `src`, and the tests of one
 * are in the same of `test`.
 */
import type { Order } from "../ways.ts"

interface Room {
  /** Neither clock nor processes: its tests may share one process, which is a lot faster. */
  readonly isPure?: true
  /** Ways of `judge.ts` that know it, asked first as they are the fastest. */
  readonly laws?: ReadonlyArray<Order>
  /** Tests that ask the same as these laws, so that they need not be asked again. */
  readonly sameAsLaws?: ReadonlyArray<string>
  /** Tests of other rooms that rest on it, as files or folders, without `.test.ts`. */
  readonly behind: ReadonlyArray<string>
}

const rooms: Record<string, Room> = {
  tree: {
    isPure: true,
    behind: ["test/cli/badTrees", "test/cli/describe", "test/sim/lint", "test/cli/load", "test/cli/exit65", "test/cli/places"]
  },
  core: {
    isPure: true,
    laws: ["stories", "detection", "pacing", "properties=1000"],
    sameAsLaws: ["test/core/stories", "test/core/detection/detector", "test/core/detection/phi", "test/core/properties"],
    behind: ["test/otp/replay", "test/otp/conformance", "test/runtime/read/decisionLog", "test/runtime/kernel/kernel"]
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

/** Parts of the paths of tests that take minutes: a mutant is not worth that much. */
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
