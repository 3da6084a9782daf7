/** `supervise <tree>`: run it in the foreground. */
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { sayDuration } from "../../core/Sentence.ts"
import type { Node, Snapshot } from "../../runtime/Control.ts"
import type { Kernel } from "../../runtime/Kernel.ts"
import { type Launched, launch } from "../../runtime/launch.ts"
import { type AlreadyRunning, STATE } from "../../runtime/StateDirectory.ts"
import type { TreeEvent } from "../../runtime/TreeEvent.ts"
import { sayBlocked } from "../../runtime/words.ts"
import { EXIT, exitCodeOf } from "../exitCodes.ts"
import { loadTree } from "../load/load.ts"
import { NotDone } from "../NotDone.ts"
import { listen, type Stoppable } from "../Orders.ts"
import { errors } from "../print/errors.ts"
import { jsonOf } from "../print/json.ts"
import { lineOf, paintFor } from "../print/lines.ts"
import { makeOutput, type Output } from "../print/Output.ts"
import { report } from "../print/report.ts"

/** How often a person who waits for the end is told whom we wait for. */
const TELL_EVERY_MS = 2000
/** How long after the second Ctrl-C we leave also what does not die of SIGKILL. */
const LEAVE_AFTER_MS = 6000

interface Foreground {
  readonly tree: string
  /** The state directory; by default beside the tree file. */
  readonly state: string | undefined
  readonly json: boolean
  readonly tier: string | undefined
}

/** Runs until the tree has ended, and answers the exit code. */
export const run = Effect.fnUntraced(function* (asked: Foreground) {
  const orders = yield* listen
  const server = import("../../http/serve.ts") // takes as long to load as the tree file takes to be evaluated
  const loaded = yield* Effect.raceFirst(Effect.result(loadTree(asked.tree, { tier: asked.tier })), orders.early)
  if (typeof loaded === "number") return loaded
  const { tree, folder, printed } = yield* Effect.fromResult(loaded)
  if (printed !== "") errors.line(printed.trimEnd())

  const readable = !asked.json && process.stdout.isTTY === true
  const { output, show } = readable ? forPeople() : forMachines()
  const launched = yield* launch(tree, { folder }, ({ kernel, control }) =>
    Effect.gen(function* () {
      const { serveIn } = yield* Effect.promise(() => server)
      yield* Effect.catchTag(serveIn(asked.state ?? join(folder, STATE), control), "AlreadyRunning", byName)
      kernel.watch(show)
    })
  )
  orders.concern(readable ? talkative(launched, output) : silent(launched))
  const ending = yield* launched.kernel.ended
  yield* Effect.promise(output.flush)

  const code = exitCodeOf(ending, orders.forced())
  if (code === EXIT.gaveUp) errors.line(report(`/${tree.id}`, ending.exit, wallOf(launched.kernel)))
  return code
}, Effect.scoped)

/** Asks whoever is there already for its name. */
const byName = ({ directory, pid }: AlreadyRunning): Effect.Effect<never, NotDone> =>
  Effect.gen(function* () {
    const { connect } = yield* Effect.promise(() => import("../../http/connect.ts"))
    const name = yield* Effect.match(connect(directory), { onSuccess: ({ root }) => root, onFailure: () => "Another tree" })
    const sentence = `${name} runs already with the state directory ${directory}${pid === undefined ? "" : ` (pid ${pid})`}.`
    return yield* new NotDone({ sentence: `${sentence} Give this tree another one with --state DIR.`, code: EXIT.alreadyRunning })
  }).pipe(Effect.scoped)

const forPeople = () => {
  const output = makeOutput(process.stdout, (lines) => `(${lines} lines not shown: the terminal is too slow)`)
  const paint = paintFor(process.stdout)
  const show = (event: TreeEvent): void => {
    const line = lineOf(event, paint)
    if (line !== undefined) output.line(line)
  }
  return { output, show }
}

const forMachines = () => {
  const output = makeOutput(process.stdout, (lines) => JSON.stringify({ event: "NotShown", lines }))
  return { output, show: (event: TreeEvent) => output.line(jsonOf(event)) }
}

const wallOf = (kernel: Kernel) => {
  const begin = Date.now() - kernel.now()
  return (at: number): number => begin + at
}

const silent = (launched: Launched): Stoppable => ({
  stop: () => launched.kernel.send({ _tag: "Stop" }),
  kill: () => {
    launched.kernel.send({ _tag: "Kill" })
    setTimeout(() => leave(launched), LEAVE_AFTER_MS).unref()
  }
})

/** Who does not want to wait need not wait for what cannot be ended, either; but must know of it. */
function leave({ kernel }: Launched): void {
  const left = [...kernel.pids].map(([path, pid]) => `${path} (pid ${pid})`)
  errors.line(`Left behind, as it does not end or is not ours to end: ${left.join(", ")}.`)
  void errors.flush().finally(() => process.exit(EXIT.interrupted))
}

/** Says what it does, and, while it takes long, whom it waits for. */
function talkative(launched: Launched, output: Output): Stoppable {
  const { stop, kill } = silent(launched)
  const tellWaits = () => Effect.runFork(Effect.map(launched.control.snapshot, (snapshot) => waits(snapshot).forEach(output.line)))
  return {
    stop: () => {
      output.line("Stopping, last to first. Ctrl-C again stops at once.")
      setInterval(tellWaits, TELL_EVERY_MS).unref()
      stop()
    },
    kill: () => {
      output.line("Stopping at once.")
      kill()
    }
  }
}

function waits({ now, root }: Snapshot): ReadonlyArray<string> {
  const leaves = (node: Node): ReadonlyArray<Node> => (node.children === undefined ? [node] : node.children.flatMap(leaves))
  return leaves(root)
    .filter((leaf) => leaf.phase === "stopping")
    .map(({ path, pid, since, until, blocked }) => {
      const rest =
        blocked !== undefined
          ? sayBlocked(blocked)
          : until === undefined
            ? "however long it takes"
            : `killed in ${sayDuration(Math.max(0, until - now))}`
      return `waiting for ${path} (pid ${pid}) for ${sayDuration(now - since)}, ${rest}`
    })
}
