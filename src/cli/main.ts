/** The command line: parses the arguments, runs the command, and sets the exit code. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as Argument from "effect/cli/Argument"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import manifest from "../../package.json" with { type: "json" }
import { CommandFailed } from "./CommandFailed.ts"
import { check } from "./commands/check.ts"
import { doctor } from "./commands/doctor.ts"
import { events } from "./commands/events.ts"
import { logs } from "./commands/logs.ts"
import { ps } from "./commands/ps.ts"
import { rehearse } from "./commands/rehearse.ts"
import { restart } from "./commands/restart.ts"
import { scale } from "./commands/scale.ts"
import { schema } from "./commands/schema.ts"
import { signal } from "./commands/signal.ts"
import { start } from "./commands/start.ts"
import { stop } from "./commands/stop.ts"
import { whatif } from "./commands/whatif.ts"
import { why } from "./commands/why.ts"
import { EXIT } from "./exitCodes.ts"
import { showSecrets } from "./flags/showSecrets.ts"
import { spawner } from "./flags/spawner.ts"
import { state } from "./flags/state.ts"
import { tier } from "./flags/tier.ts"
import { errors } from "./print/errors.ts"

const tree = Argument.String("tree").pipe(Argument.withDescription("The tree file: .ts, .js, .mts, .mjs or .json."), Argument.optional)
const json = Flag.Boolean("json").pipe(Flag.withDefault(false), Flag.withDescription("Print one JSON object per line, even on a terminal."))

const plain = Flag.Boolean("plain").pipe(
  Flag.withDefault(false),
  Flag.withDescription("Print only lines: no live tree, and for people even without a terminal.")
)

const record = Flag.String("record").pipe(
  Flag.withDefault(undefined),
  Flag.withMetavar("FILE"),
  Flag.withDescription("Write every event and every decision to a file, for supervise rehearse --replay.")
)

const supervise = Command.make(
  "supervise",
  { tree, json, plain, tier, state, record, spawner, showSecrets },
  Effect.fnUntraced(function* (input) {
    if (Option.isNone(input.tree)) return yield* withoutTree
    const { run } = yield* Effect.promise(() => import("./commands/run.ts"))
    process.exitCode = yield* run({ ...input, tree: input.tree.value })
  })
).pipe(
  Command.withDescription("Run a supervision tree of operating-system processes in the foreground. Ctrl-C stops it in order."),
  Command.withSubcommands([ps, stop, start, restart, signal, scale, events, logs, why, doctor, check, rehearse, whatif, schema])
)

/** Offers to run the tree file that is here; otherwise shows the manual. */
const withoutTree = Effect.gen(function* () {
  const { treeFileHere } = yield* Effect.promise(() => import("./load/treeFiles.ts"))
  const file = treeFileHere()
  if (file === undefined) return yield* new CliError.ShowHelp({ commandPath: ["supervise"], errors: [] })
  const sentence = `There is a tree file here; to run it: supervise ${file}\nSee supervise --help.`
  return yield* new CommandFailed({ sentence, code: EXIT.usage })
})

/** An invalid call gets its errors and one line of advice rather than the whole manual. */
const presenter: CliOutput.Presenter = {
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Effect.sync(() => {
          const messages = event.errors.map((error) => error.message.trim())
          errors.line(`${messages.join("\n")}\nSee ${event.commandPath.join(" ")} --help.`)
        })
      : CliOutput.defaultPresenter.present(event)
}

const services = Layer.mergeAll(
  NodeServices.layer,
  CliOutput.layerPresenter(presenter),
  CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })
)

/** Turns every failure into a sentence and an exit code. */
const main = Command.run(supervise, { version: manifest.version }).pipe(
  Effect.provide(services),
  Effect.catchTags({
    BadTree: ({ message }) => fail(EXIT.badTree, message),
    BadRehearsal: ({ message }) => fail(EXIT.usage, message),
    NotWritten: ({ message }) => fail(EXIT.notWritten, message),
    StateUnusable: ({ message }) => fail(EXIT.notWritten, `${message} Name another one with --state DIR.`),
    NotReadable: ({ message }) => fail(EXIT.refused, message),
    NotRunning: ({ message }) => fail(EXIT.notRunning, message),
    Unresponsive: ({ message }) => fail(EXIT.unresponsive, message),
    InvalidRequest: ({ message }) => fail(EXIT.usage, message),
    KeeperMissing: ({ message }) => fail(EXIT.usage, message),
    KeeperNeeded: ({ message }) => fail(EXIT.usage, message),
    StateNeeded: ({ message }) => fail(EXIT.usage, message),
    CommandFailed: ({ code, message }) => fail(code, message)
  }),
  Effect.catchIf(CliError.isCliError, () => fail(EXIT.usage)),
  Effect.catchCause((cause) => Effect.sync(() => internal(Cause.squash(cause))))
)

function fail(code: number, sentence?: string): Effect.Effect<void> {
  return Effect.sync(() => {
    if (sentence !== undefined) errors.line(sentence)
    process.exitCode = code
  })
}

/** A bug of ours. Exiting runs the spawner's exit hook, which kills every process. */
function internal(error: unknown): void {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
  errors.line(`supervise itself has failed, and ends every process it has started. This is a bug:\n${what}`)
  void errors.flush().finally(() => process.exit(EXIT.internal))
}

process.on("uncaughtException", internal)
process.on("unhandledRejection", internal)
await Effect.runPromise(main)
await errors.flush()
process.exit()
