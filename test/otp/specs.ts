/**
 * Makes our specs from the scenario's scripts, in the OTP profile: no backoff, strict boot, whole seconds, no start
 * timeout.
 */
import type { Backoff } from "../../src/tree/Pacing.ts"
import type { Child, ChildCommon, Pool, Restart, Shutdown, Strategy, Supervisor, Tree, Worker } from "../../src/tree/Spec.ts"
import type { ChildScript, SupervisorScript, Term } from "./scenario.ts"

const noBackoff: Backoff = { type: "constant", delay: 0, jitter: 0, forgetAfter: Number.POSITIVE_INFINITY }
const strategies: Record<string, Strategy> = { one_for_one: "OneForOne", one_for_all: "OneForAll", rest_for_one: "RestForOne" }
const autoShutdowns = { never: "never", any_significant: "anySignificant", all_significant: "allSignificant" } as const

/** The script that a spec was made from; it says how the child behaves. */
const scripts = new WeakMap<Child, ChildScript>()
export const scriptOf = (spec: Child): ChildScript => scripts.get(spec)!

export const ROOT = "root"
export const treeOf = (root: SupervisorScript): Tree => supervisorOf({ id: ROOT, sup: root }, root)

export function childOf(script: ChildScript): Child {
  const child = script.sup === undefined ? workerOf(script) : supervisorOf(script, script.sup)
  scripts.set(child, script)
  return child
}

const common = (script: ChildScript, shutdown: number | string): ChildCommon => ({
  id: script.id!,
  restart: (script.restart ?? "permanent") as Restart,
  significant: script.significant ?? false,
  shutdown: (shutdown === "brutal_kill" ? "brutalKill" : shutdown) as Shutdown,
  backoff: noBackoff,
  needs: []
})

const workerOf = (script: ChildScript): Worker => ({
  ...common(script, script.shutdown ?? 5000),
  type: "worker",
  start: ["true"],
  cwd: "/",
  env: {},
  stopSignal: "SIGTERM",
  stopTo: "group",
  stdin: "null",
  successCodes: [0],
  ready: { type: "spawned" },
  startTimeout: "infinity",
  health: []
})

function supervisorOf(script: ChildScript, sup: SupervisorScript): Supervisor | Pool {
  const { strategy = "one_for_one", intensity = 1, period = 5, auto_shutdown = "never", children = [] } = sup
  const limits = {
    ...common(script, script.shutdown ?? "infinity"),
    intensity,
    period: period * 1000,
    onIntensity: "escalate",
    retryAfter: 60_000,
    boot: "strict"
  } as const
  const specs = children.map(childOf)
  if (strategy === "simple_one_for_one") return { ...limits, type: "pool", size: 0, max: Number.POSITIVE_INFINITY, child: specs[0]! }
  const autoShutdown = autoShutdowns[auto_shutdown as keyof typeof autoShutdowns]
  return { ...limits, type: "supervisor", strategy: strategies[strategy]!, autoShutdown, bootConcurrency: 1, children: specs }
}

/** As get_childspec returns it. */
export const shown = ({ id, restart, significant, shutdown, type }: Child): Term => ({
  id,
  restart,
  significant,
  shutdown: shutdown === "brutalKill" ? "brutal_kill" : shutdown,
  type: typeOf({ type })
})

export const typeOf = ({ type }: Pick<Child, "type">): Term => (type === "worker" ? "worker" : "supervisor")
