/** `supervise <tree>`: runs a tree in the foreground. */
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { flatten } from "../../core/flatten.ts"
import { shortNames } from "../../core/Name.ts"
import { serve } from "../../http/serve.ts"
import { sayGuarantee } from "../../leaf/guarantees.ts"
import { becomeKeeper, isInherited, isMainProcess, noteInherited } from "../../leaf/keeper/inherited.ts"
import { keeperProgram } from "../../leaf/keeper/program.ts"
import { defaultSpawner, type SpawnerName, withSpawner } from "../../leaf/Spawners.ts"
import { assemble } from "../../runtime/assemble.ts"
import type { Control } from "../../runtime/read/Control.ts"
import { type AlreadyRunning, claim, STATE_DIRECTORY } from "../../runtime/state/StateDirectory.ts"
import { pathsOf } from "../../tree/paths.ts"
import { CommandFailed } from "../CommandFailed.ts"
import { EXIT, exitCodeOf } from "../exitCodes.ts"
import { LastWords } from "../LastWords.ts"
import { inForeground } from "../live/inForeground.ts"
import { loadTree } from "../load/load.ts"
import { errors } from "../print/errors.ts"
import { forMachines } from "../print/machine.ts"
import { mentionOrphans } from "../print/orphans.ts"
import type { Presenter } from "../print/Presenter.ts"
import { inPlainLines } from "../print/plain.ts"
import { report } from "../print/report.ts"
import { recordIn } from "../record.ts"
import { listen, type Stoppable } from "../signals.ts"

/** After the second Ctrl-C: how long to wait for what does not die of SIGKILL. */
const LEAVE_AFTER_MS = 6000

interface Foreground {
  readonly tree: string
  /** The state directory; by default beside the tree file. */
  readonly state: string | undefined
  readonly json: boolean
  readonly plain: boolean
  readonly tier: string | undefined
  /** The file to record to. */
  readonly record: string | undefined
  readonly showSecrets: boolean
  readonly spawner: SpawnerName | undefined
}

/** Runs until the tree has ended. Returns the exit code. */
export const run = Effect.fnUntraced(function* (options: Foreground) {
  asMainProcess(options.spawner ?? defaultSpawner())
  const signals = yield* listen
  if (process.pid === 1) errors.line(AS_PID_1)
  if (!options.json) offerColours()
  const loading = presenterFor(options)
  const loaded = yield* Effect.raceFirst(Effect.result(loadTree(options.tree, { lines: true, tier: options.tier })), signals.early)
  if (typeof loaded === "number") return loaded
  const { tree, origin, folder, printed } = yield* Effect.fromResult(loaded)
  if (printed !== "") errors.line(printed.trimEnd())

  const presenter = yield* Effect.promise(() => loading)
  yield* sayWarnings(presenter)
  const recorder = options.record === undefined ? undefined : yield* recordIn(options.record, tree, options.showSecrets)
  const state = yield* Effect.catchTag(claim(options.state ?? join(folder, STATE_DIRECTORY)), "AlreadyRunning", byName)
  const { control, boot } = yield* withSpawner(options.spawner)(assemble(tree, { folder, origin, state: state.path, ...recorder }))
  yield* serve(state, control, errors.line)
  presenter.remark(sayGuarantee(options.spawner ?? defaultSpawner()))
  yield* mentionOrphans(state.path)
  const lastWords = new LastWords()
  control.observe((event) => lastWords.add(event))
  presenter.attach(control, shortNames(pathsOf(tree)))
  yield* boot
  signals.attach(stoppable(control, presenter))
  const ending = yield* control.ended
  yield* Effect.promise(presenter.flush)
  if (recorder !== undefined) yield* recorder.close

  const code = exitCodeOf(ending, signals.forced())
  if (code === EXIT.gaveUp) {
    const why = yield* control.why(`/${tree.id}`)
    errors.line(
      report(
        `/${tree.id}`,
        ending.exit,
        (at) => why.at + at - why.now,
        why,
        (path) => lastWords.of(path)
      )
    )
  }
  return code
}, Effect.scoped)

/** Asks the tree that is already running for its name. */
const byName = Effect.fnUntraced(function* ({ directory, pid }: AlreadyRunning) {
  const { connect } = yield* Effect.promise(() => import("../../http/connect.ts"))
  const name = yield* Effect.match(connect(directory), { onSuccess: ({ root }) => root, onFailure: () => "another tree" })
  const owner = `${name}${pid === undefined ? "" : ` (pid ${pid})`}`
  const sentence = `The state directory ${directory} is in use by ${owner}. Name another one with --state DIR.`
  return yield* new CommandFailed({ sentence, code: EXIT.alreadyRunning })
}, Effect.scoped)

/** Where Node alone is not enough, the keeper comes first, and starts us again. */
function asMainProcess(spawner: SpawnerName): void {
  noteInherited()
  const program = keeperProgram()
  if (spawner === "keeper" && typeof program === "string" && !isInherited() && isMainProcess()) becomeKeeper(program)
}

/** What our own parts warn of is a sentence for people; Node would add its pid, and how to trace it. */
const sayWarnings = ({ remark }: Presenter) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const others = process.listeners("warning")
      process.removeAllListeners("warning")
      process.on("warning", (warning) => {
        if (warning.name === "Warning") remark(warning.message)
        else for (const other of others) other(warning)
      })
      return others
    }),
    (others) =>
      Effect.sync(() => {
        process.removeAllListeners("warning")
        for (const other of others) process.on("warning", other)
      })
  )

const AS_PID_1 =
  "supervise is PID 1 here, and without a keeper (--spawner keeper) it does not reap what other processes leave behind: give " +
  "the container an init (docker run --init), or processes that have ended pile up in it."

/** Workers write to pipes, but what they write comes to our terminal. (Levels as Node has them.) */
function offerColours(): void {
  const { stdout, env } = process
  if (stdout.isTTY && stdout.hasColors() && env.NO_COLOR === undefined) env.FORCE_COLOR ??= LEVELS[stdout.getColorDepth()]
}
const LEVELS: { readonly [depth: number]: string } = { 4: "1", 8: "2", 24: "3" }

/** Called before the tree file is evaluated, as loading the live view takes as long. */
async function presenterFor({ json, plain }: Foreground): Promise<Presenter> {
  if (json || (!plain && process.stdout.isTTY !== true)) return forMachines(process.stdout)
  if (plain || process.env.TERM === "dumb" || !inForeground()) return inPlainLines(process.stdout)
  const { asLiveTree } = await import("../live/view.ts")
  return asLiveTree(process.stdout)
}

const stoppable = (control: Control["Service"], presenter: Presenter): Stoppable => ({
  stop: () => {
    presenter.stopping("in order")
    Effect.runFork(control.shutdown)
  },
  kill: () => {
    presenter.stopping("at once")
    Effect.runFork(control.kill)
    setTimeout(() => leave(control), LEAVE_AFTER_MS).unref()
  }
})

/** Leaves behind what cannot be ended, but says so. */
function leave(control: Control["Service"]): void {
  const { root } = Effect.runSync(control.snapshot)
  const remaining = flatten(root).flatMap(({ path, pid }) => (pid === undefined ? [] : [`${path} (pid ${pid})`]))
  errors.line(`Left behind, because it does not end or may not be killed: ${remaining.join(", ")}.`)
  void errors.flush().finally(() => process.exit(EXIT.interrupted))
}
