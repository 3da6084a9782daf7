/**
 * What a scenario covers, by its trace. Without this a generator could silently stop covering one of these.
 */
import type { ChildScript, Scenario, Step, SupervisorScript, Trace, TraceEvent } from "./scenario.ts"

const strategies = ["one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one"] as const
const questions = ["which_children", "count_children", "get_childspec"] as const
const orders = ["start_child", "start_dynamic", "terminate_child", "restart_child", "delete_child"] as const

/** All that the compared scenarios must cover. */
export const features: ReadonlyArray<string> = [
  ...strategies.flatMap((strategy) => [`a restart under ${strategy}`, `giving up under ${strategy}`]),
  ...[1, 2, 3, 4].map((depth) => `a worker at depth ${depth}`),
  "a pool of supervisors",
  "a pool in a pool",
  ...questions,
  ...orders,
  "an order that is refused",
  "several things at once",
  ...["error", "raise", "bad", "ignore", "ok_info", "ok_then_exit"].map((start) => `a start: ${start}`),
  ...["normal", "shutdown", "shutdown, with a reason", "crash", "killed"].map((why) => `an exit: ${why}`),
  ...["any", "all"].map((which) => `auto shutdown: ${which}_significant`),
  "a significant child ends, and its supervisor does not",
  "a supervisor is restarted by its parent",
  "a tree that cannot boot",
  "a restart that fails, and is retried",
  "a retry that comes too late",
  "a restart that leaves the window",
  "a child that is killed",
  "a child that ends its stop in an odd way",
  "the root is gone before the end"
]

export function featuresOf(scenario: Scenario, trace: Trace): ReadonlySet<string> {
  const found = new Set<string>()
  const scripts = new Scripts(scenario)
  const parts = [trace.boot, ...trace.steps.map((step) => step.trace), trace.teardown]
  for (const part of parts)
    for (const [n, event] of part.entries()) for (const one of ofEvent(scripts, event, part.slice(n + 1))) found.add(one)
  for (const one of leavesTheWindow(parts.flat())) found.add(one)
  for (const [n, step] of (scenario.steps ?? []).entries()) for (const one of ofStep(step, trace.steps[n]?.ret)) found.add(one)
  if (trace.boot.some(({ e, c, r }) => e === "start" && c === "/~1" && r === "error")) found.add("a tree that cannot boot")
  else if (trace.final === null) found.add("the root is gone before the end")
  return found
}

function ofStep(step: Step, ret: Trace["steps"][number]["ret"]): ReadonlyArray<string> {
  if (ret === undefined || ret === "noproc") return []
  if (step.op === "batch")
    return ["several things at once", ...step.acts.flatMap((act, n) => ofStep(act, Array.isArray(ret) ? ret[n] : undefined))]
  const refused = Array.isArray(ret) && ret[0] === "error"
  return refused ? ["an order that is refused"] : features.filter((feature) => feature === step.op)
}

function ofEvent(scripts: Scripts, event: TraceEvent, later: ReadonlyArray<TraceEvent>): ReadonlyArray<string> {
  const { path, n } = pidOf(String(event.c ?? ""))
  const sup = scripts.supervisor(String(event.sup ?? ""))
  switch (event.e) {
    case "start":
      return [...ofStart(scripts, path, n, event.r === "ok"), ...(event.r === "ignore" ? ["a start: ignore"] : [])]
    case "exit":
      return [`an exit: ${reasonOf(event.why)}`, ...ofExit(scripts, path, later)]
    case "restart_counted":
      return [`a restart under ${strategyOf(sup)}`]
    case "give_up":
      return event.why === "intensity" ? [`giving up under ${strategyOf(sup)}`] : [`auto shutdown: ${sup?.auto_shutdown}`]
    case "retry":
      return [later[0]?.e === "restart_counted" ? "a restart that fails, and is retried" : "a retry that comes too late"]
    case "stop":
      return [
        ...(event.how === "kill" ? ["a child that is killed"] : []),
        ...(event.r === "ok" ? [] : ["a child that ends its stop in an odd way"])
      ]
    default:
      return []
  }
}

function ofStart(scripts: Scripts, path: string, n: number, went: boolean): ReadonlyArray<string> {
  const script = scripts.child(path)
  const did = script?.starts?.[n - 1] ?? script?.then ?? "ok"
  const start = typeof did === "string" ? did : did[0]
  const fits = went === start.startsWith("ok")
  const depth = path.split("/").length - 1
  return [
    ...(fits && start !== "ok" && start !== "ignore" ? [`a start: ${start}`] : []),
    ...(went && script !== undefined && script.sup === undefined ? [`a worker at depth ${depth}`] : []),
    ...(went && /#\d+$/.test(path) && script?.sup !== undefined ? ["a pool of supervisors"] : []),
    ...(went && /#\d+\/.*#\d+$/.test(path) ? ["a pool in a pool"] : [])
  ]
}

function ofExit(scripts: Scripts, path: string, later: ReadonlyArray<TraceEvent>): ReadonlyArray<string> {
  const script = scripts.child(path)
  const next = later[0]?.e
  return [
    ...(script?.sup !== undefined && next === "restart_counted" ? ["a supervisor is restarted by its parent"] : []),
    ...(script?.significant === true && next !== "restart_counted" && next !== "give_up"
      ? ["a significant child ends, and its supervisor does not"]
      : [])
  ]
}

/** It does not count more than before. */
function leavesTheWindow(events: ReadonlyArray<TraceEvent>): ReadonlyArray<string> {
  const counts = new Map<string, number>()
  for (const event of events) {
    if (event.e === "sup_init") counts.delete(pidOf(String(event.c)).path)
    if (event.e !== "restart_counted") continue
    if (Number(event.n) <= (counts.get(String(event.sup)) ?? 0)) return ["a restart that leaves the window"]
    counts.set(String(event.sup), Number(event.n))
  }
  return []
}

/** The script of each path of the oracle. */
class Scripts {
  private readonly root: SupervisorScript
  /** Added by calls, without the arguments of instances. */
  private readonly added = new Map<string, ChildScript>()

  constructor({ root, steps = [] }: Scenario) {
    this.root = root
    for (const step of steps) {
      for (const act of step.op === "batch" ? step.acts.map((one) => ({ sup: step.sup, ...one })) : [step]) {
        if (act.op === "start_child") this.added.set(`${act.sup === "/" ? "" : act.sup}/${act.spec.id}`, act.spec)
      }
    }
  }

  child(path: string): ChildScript | undefined {
    const slash = path.lastIndexOf("/")
    const [above, id] = [path.slice(0, slash), path.slice(slash + 1)]
    if (id === "") return undefined
    const children = this.supervisor(above === "" ? "/" : above)?.children
    return id.startsWith("#") ? children?.[0] : (children?.find((child) => child.id === id) ?? this.added.get(path))
  }

  supervisor = (path: string): SupervisorScript | undefined => (path === "/" ? this.root : this.child(path)?.sup)
}

const strategyOf = (sup: SupervisorScript | undefined): string => sup?.strategy ?? "one_for_one"
const reasonOf = (why: TraceEvent[string] | undefined): string => (Array.isArray(why) ? `${why[0]}, with a reason` : String(why))

function pidOf(pid: string): { readonly path: string; readonly n: number } {
  const [path = "", n = "0"] = pid.split("~")
  return { path, n: Number(n) }
}
