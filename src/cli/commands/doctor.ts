/**
 * `supervise doctor`: what the spawner guarantees here, what an earlier supervisor has left behind, and how to end it.
 */
import { existsSync } from "node:fs"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { SpawnerName } from "../../leaf/Spawners.ts"
import { CommandFailed } from "../CommandFailed.ts"
import { EXIT } from "../exitCodes.ts"
import { spawner } from "../flags/spawner.ts"
import { state } from "../flags/state.ts"
import { print } from "../print/print.ts"

const kill = Flag.Boolean("kill").pipe(
  Flag.withDefault(false),
  Flag.withDescription("End these processes: SIGTERM, and after five seconds SIGKILL.")
)

export const doctor = Command.make(
  "doctor",
  { kill, state, spawner },
  Effect.fnUntraced(function* (input) {
    const { directoryOf } = yield* Effect.promise(() => import("../connection.ts"))
    const { endOrphans, listed, orphansOf, sayOrphans } = yield* Effect.promise(() => import("../../runtime/state/orphans.ts"))
    const { realPath } = yield* Effect.promise(() => import("../../runtime/state/files.ts"))
    const { NotRunning } = yield* Effect.promise(() => import("../../http/errors.ts"))
    const { mustBeOurs } = yield* Effect.promise(() => import("../../runtime/state/ownership.ts"))
    if (!input.kill) yield* printGuarantees(input.spawner)
    // It may have been removed, and its processes still run.
    const found = yield* Effect.result(directoryOf(input.state))
    const directory = realPath(Result.isSuccess(found) ? found.success : found.failure.directory)
    const orphans = orphansOf(directory)
    if (orphans.length === 0 && Result.isFailure(found)) return yield* input.kill ? found.failure : print(NO_STATE)
    // Of another user's processes we know nothing.
    if (existsSync(directory))
      yield* Effect.try({
        try: () => mustBeOurs(directory),
        catch: (error) => new NotRunning({ directory, because: (error as Error).message })
      })
    if (orphans.length === 0) return yield* print(`No earlier supervisor with the state directory ${directory} has left a process behind.`)
    if (!input.kill) return yield* new CommandFailed({ sentence: sayOrphans(directory, orphans), code: EXIT.refused })
    const left = yield* endOrphans(directory)
    if (left.length > 0)
      return yield* new CommandFailed({ sentence: `These do not end, or may not be killed: ${listed(left)}.`, code: EXIT.refused })
    yield* print(`Ended: ${listed(orphans)}.`)
  })
).pipe(
  Command.withDescription(
    "Say what the spawner guarantees on this machine, and name the processes that an earlier supervisor with this state " +
      "directory has left behind; end them with --kill."
  )
)

const NO_STATE = "There is no state directory here or in a folder above, so nothing was looked for that may be left of a tree."

/** Of the spawner that `supervise` would use. */
const printGuarantees = Effect.fnUntraced(function* (asked: SpawnerName | undefined) {
  const { guaranteesOf, sayGuarantee } = yield* Effect.promise(() => import("../../leaf/guarantees.ts"))
  const { defaultSpawner, spawnersNamed } = yield* Effect.promise(() => import("../../leaf/Spawners.ts"))
  const { keeperProgram } = yield* Effect.promise(() => import("../../leaf/keeper/program.ts"))
  const name = asked ?? defaultSpawner()
  yield* spawnersNamed(name)
  const program = keeperProgram()
  yield* print(sayGuarantee(name))
  for (const { text, butNot } of guaranteesOf(name)) yield* print(butNot === undefined ? `  yes  ${text}` : `  no   ${text}: ${butNot}`)
  yield* print(typeof program === "string" ? `The keeper is ${program}.` : `There is no keeper here: ${program.because}.`)
})
