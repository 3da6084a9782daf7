/**
 * npx node test/otp/replay.ts [folder of a core] < scenarios.jsonl > traces.jsonl
 *
 * Replays the oracle's scenarios against our core and prints its traces in the oracle's form, one line for each
 * scenario; `{"left_out": why}` for those that cannot be compared. Exit codes: 65 for a line that is no scenario (then
 * no trace is printed), 64 if there is no core in that folder, 70 if the replay itself fails.
 */
import { existsSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { incarnationOf } from "../../src/core/State.ts"
import { type Core, Driver } from "./Driver.ts"
import { read } from "./form.ts"
import { LeftOut, type Reason, unfit } from "./leftOut.ts"
import type { CallStep, Scenario, Step, Term, Trace, TraceEvent } from "./scenario.ts"
import { ROOT, typeOf } from "./specs.ts"

export function replay(core: Core, scenario: Scenario): Trace {
  const driver = new Driver(core, scenario)
  driver.boot()
  const boot = take(driver)
  const steps = (scenario.steps ?? []).map((step) => {
    const at = driver.now
    const ret = perform(driver, step)
    return { op: step.op, at, ...(ret === undefined ? {} : { ret }), trace: take(driver) }
  })
  const final = dump(driver, `/${ROOT}`)
  const root = driver.supervisor(`/${ROOT}`)
  if (root !== undefined) driver.stopSupervisor(root, "shutdown")
  return { id: scenario.id ?? null, boot, steps, final, teardown: take(driver) }
}

function take(driver: Driver): ReadonlyArray<TraceEvent> {
  const root = { path: `/${ROOT}`, incarnation: 1 }
  if (driver.hasJustGone()) driver.chronicle.log("root_exit", { why: driver.chronicle.termOf(root, { _tag: "Shutdown" }) })
  return driver.chronicle.take()
}

/** The result of the step, if it has one. */
function perform(driver: Driver, step: Step): Term | undefined {
  switch (step.op) {
    case "advance":
      return void driver.advance(step.ms)
    case "exit":
      return void driver.end(step.c, step.why)
    case "stop_sup":
      return driver.supervisor(driver.names.ours(step.c)) === undefined ? "noproc" : void driver.end(step.c, step.why)
    case "retry":
      return driver.retry(step.all === true)
    case "dump":
      return dump(driver, `/${ROOT}`)
    case "batch":
      return batch(driver, step)
    case "upgrade":
    case "check_childspecs":
      throw new Error(`${step.op} should have been left out`)
  }
  const path = driver.names.ours(step.sup)
  return driver.supervisor(path) === undefined ? "noproc" : driver.answer(driver.ask(path, step))
}

/** All this happens while the supervisor is suspended. */
function batch(driver: Driver, { sup, acts }: Extract<Step, { readonly op: "batch" }>): Term {
  const path = driver.names.ours(sup)
  if (driver.supervisor(path) === undefined) return "noproc"
  driver.suspend(path)
  const tickets = acts.map((act) =>
    act.op === "exit" || act.op === "advance" ? perform(driver, act) : driver.ask(path, { ...act, sup } as CallStep)
  )
  driver.resume(path)
  return tickets.map((ticket) => (typeof ticket === "number" ? driver.answer(ticket) : null))
}

/** The tree: children in start order, those of a pool by name. */
function dump(driver: Driver, path: string): Term {
  const sup = driver.supervisor(path)
  if (sup === undefined) return null
  const { names } = driver
  const restarts = sup.window.entries.slice(sup.window.from).map(({ at }) => at / 1000)
  const children = [...sup.children.values()].map((child) => {
    const pid = child.phase === "down" ? "undefined" : child.phase === "restarting" ? "restarting" : names.pid(incarnationOf(child))
    const below = typeOf(child.spec) === "supervisor" && driver.supervisor(child.path) !== undefined
    return { id: sup.spec.type === "pool" ? "undefined" : child.id, pid, ...(below ? { sup: dump(driver, child.path) } : {}) }
  })
  if (sup.spec.type === "pool") children.sort((a, b) => (a.pid < b.pid ? -1 : 1))
  return { path: names.theirs(path), n: sup.incarnation, restarts: restarts.reverse(), children }
}

/** The trace, or why there is none. */
export function attempt(core: Core, scenario: Scenario): Trace | { readonly left_out: Reason } | { readonly replay_error: string } {
  const reason = unfit(scenario)
  if (reason !== undefined) return { left_out: reason }
  try {
    return replay(core, scenario)
  } catch (error) {
    return error instanceof LeftOut ? { left_out: error.reason } : { replay_error: (error as Error).message }
  }
}

async function main(folder: string | undefined): Promise<void> {
  const tree = folder === undefined ? new URL("../../src/core/Machine.ts", import.meta.url) : pathToFileURL(resolve(folder, "Tree.ts"))
  if (!existsSync(tree)) return fail(64, `There is no core in ${folder}: it has no Tree.ts.`)
  const core = (await import(tree.href)) as Core
  const lines = readFileSync(0, "utf8").split("\n")
  const given = lines.flatMap((line, n) => (line.trim() === "" ? [] : [{ n: n + 1, scenario: read(line) }]))
  for (const { n, scenario } of given) if (typeof scenario === "string") fail(65, `Line ${n} is no scenario: ${scenario}.`)
  if (process.exitCode !== undefined) return
  // The reader may have closed the pipe.
  process.stdout.on("error", () => process.exit())
  for (const { n, scenario } of given) {
    const trace = attempt(core, scenario as Scenario)
    if ("replay_error" in trace) fail(70, `Line ${n} cannot be replayed, which is our own fault: ${trace.replay_error}.`)
    process.stdout.write(`${JSON.stringify(trace)}\n`)
  }
}

function fail(code: number, sentence: string): void {
  console.error(sentence)
  process.exitCode = code
}

if (import.meta.main) await main(process.argv[2])
