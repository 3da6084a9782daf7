/**
 * What this core does differently on purpose, or does not do at all. A scenario with one of these is left out as a
 * whole, and counted by its reason. Everything else must agree.
 */
import type { ChildScript, Scenario, Step, SupervisorScript } from "./scenario.ts"

export const reasons = {
  "killed supervisor":
    "OTP leaves orphans behind, which die by broken links; processes have no links, so we kill all below and wait for it",
  upgrade: "there is no change of a running supervisor's specs",
  "invalid spec": "a spec is decoded, and refused, before the core sees it",
  "auto shutdown of a pool": "OTP 25 accepts it on simple_one_for_one; current OTP refuses it, and our pools have no such field",
  "stale retry": "OTP's retry is for whoever waits under that id when it comes; ours is only for the life that asked for it",
  "OTP bug: active -1": "OTP counts an instance twice that was terminated while it waited for its retry",
  "OTP 25 bug: ignored restart": "OTP 25 keeps an instance whose restart was ignored and crashes over it later (erlang/otp#8215)"
} as const

export type Reason = keyof typeof reasons

/** Thrown when a replay meets it. */
export class LeftOut extends Error {
  readonly reason: Reason
  constructor(reason: Reason) {
    super(`${reason}: ${reasons[reason]}`)
    this.reason = reason
  }
}

/** The reason, if the scenario alone shows it. */
export function unfit({ root, steps = [] }: Scenario): Reason | undefined {
  const acts: ReadonlyArray<Step> = steps.flatMap((step) =>
    step.op === "batch" ? step.acts.map((act) => ({ sup: step.sup, ...act }) as Step) : [step]
  )
  if (acts.some((step) => step.op === "upgrade")) return "upgrade"
  if (acts.some((step) => step.op === "check_childspecs")) return "invalid spec"
  return unfitSupervisor(root) ?? first(acts, (step) => (step.op === "start_child" ? unfitAdded(root, step) : undefined))
}

const strategies = ["one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one"]

function unfitSupervisor({
  strategy = "one_for_one",
  period = 5,
  auto_shutdown = "never",
  children = []
}: SupervisorScript): Reason | undefined {
  const isPool = strategy === "simple_one_for_one"
  if (!strategies.includes(strategy) || period <= 0 || (isPool && children.length !== 1)) return "invalid spec"
  if (isPool && auto_shutdown !== "never") return "auto shutdown of a pool"
  if (new Set(children.map((child) => child.id)).size < children.length) return "invalid spec"
  return first(children, (child) => unfitChild(child, auto_shutdown))
}

function unfitChild(child: ChildScript, autoShutdown: string): Reason | undefined {
  if (child.id === undefined || child.nostart === true) return "invalid spec"
  if (child.significant === true && (autoShutdown === "never" || (child.restart ?? "permanent") === "permanent")) return "invalid spec"
  return child.sup === undefined ? undefined : unfitSupervisor(child.sup)
}

/** An added child is checked against the supervisor that the scenario has at that path. */
function unfitAdded(root: SupervisorScript, { sup, spec }: { readonly sup: string; readonly spec: ChildScript }): Reason | undefined {
  let above: SupervisorScript | undefined = root
  for (const id of sup.split("/").filter((part) => part !== "")) {
    const isPool: boolean = above?.strategy === "simple_one_for_one"
    above = above?.children?.find((child) => isPool || child.id === id)?.sup
  }
  return unfitChild(spec, above?.auto_shutdown ?? "never")
}

function first<A, B>(all: ReadonlyArray<A>, f: (one: A) => B | undefined): B | undefined {
  for (const one of all) {
    const found = f(one)
    if (found !== undefined) return found
  }
  return undefined
}
