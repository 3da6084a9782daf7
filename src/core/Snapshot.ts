/** A tree at one moment, as plain data. */
import type { Child, Strategy } from "../tree/Spec.ts"
import type { PendingOn } from "./Decision.ts"
import type { Exit } from "./Exit.ts"
import { type Health, healthOf, healthWithin } from "./Health.ts"
import { type ChildState, hasProcess, type Phase, type ReadonlyTree, type SupervisorState } from "./State.ts"

/** `since`, `until`: milliseconds of the tree's clock. */
export interface NodeSnapshot {
  readonly path: string
  readonly type: "worker" | "supervisor" | "pool"
  readonly phase: Phase
  readonly incarnation: number
  /**
   * How often it was restarted because it had failed: not the operator's restarts, nor those in which it was only
   * affected.
   */
  readonly restarts: number
  /** When this phase began. */
  readonly since: number
  /** The operator keeps it down. */
  readonly hold: boolean
  /** In backoff: when it ends. Failed: when it is tried again. Stopping: when it is killed, if its time is limited. */
  readonly until?: number
  readonly lastExit?: Exit
  readonly pid?: number
  /** Members of its process group that do not die of SIGKILL. */
  readonly blocked?: ReadonlyArray<number>
  /** Pending: what it waits for. */
  readonly pendingOn?: PendingOn
  /** It has been silent for too long: phi, and since when. */
  readonly suspect?: { readonly phi: number; readonly since: number }
  /** Up: what a check that only reports has found. */
  readonly failingCheck?: string
  /** What it says of itself, by sd_notify. */
  readonly status?: string
  /** Of a supervisor: includes its children. Left out where a supervisor is shown without its children. */
  readonly health?: Health
  readonly strategy?: Strategy
  /** In start order. */
  readonly children?: ReadonlyArray<NodeSnapshot>
}

/** The whole tree below its root. */
export function snapshot(tree: ReadonlyTree): NodeSnapshot {
  const sup = tree.supervisors.get(tree.rootPath)
  const phase = sup === undefined ? "down" : ({ booting: "starting", running: "up", ending: "stopping" } as const)[sup.mode]
  return {
    path: tree.rootPath,
    type: tree.root.type,
    phase,
    incarnation: tree.record.incarnation,
    restarts: 0,
    since: sup?.since ?? 0,
    hold: false,
    health: sup === undefined ? { status: "stopped" } : healthWithin(tree, sup),
    ...strategyOf(tree.root),
    ...(sup === undefined ? {} : below(tree, sup))
  }
}

/** One node without its children; undefined if there is no such node. */
export function snapshotOf(tree: ReadonlyTree, path: string): NodeSnapshot | undefined {
  if (path === tree.rootPath) {
    const { children: _, health: __, ...root } = snapshot(tree)
    return root
  }
  const child = tree.children.get(path)
  if (child === undefined) return undefined
  return { ...describe(child), ...(child.spec.type === "worker" ? { health: healthOf(tree, child) } : {}) }
}

const below = (tree: ReadonlyTree, sup: SupervisorState): Partial<NodeSnapshot> => ({
  children: [...sup.children.values()].map((child) => {
    const inner = tree.supervisors.get(child.path)
    const own = { ...describe(child), health: healthOf(tree, child) }
    return inner === undefined ? own : { ...own, ...below(tree, inner) }
  })
})

const describe = (child: ChildState): NodeSnapshot => ({
  path: child.path,
  type: child.spec.type,
  phase: child.conviction !== undefined && child.phase === "up" ? "stopping" : child.phase,
  incarnation: child.record.incarnation,
  restarts: child.record.restarts,
  since: child.since,
  hold: child.record.hold,
  ...(child.process === undefined ? {} : { pid: child.process.pid }),
  ...(child.blocked === undefined ? {} : { blocked: child.blocked }),
  ...strategyOf(child.spec),
  ...(hasUntil(child) && Number.isFinite(child.until) ? { until: child.until } : {}),
  ...(child.pendingOn === undefined ? {} : { pendingOn: child.pendingOn }),
  ...(child.suspect === undefined ? {} : { suspect: { phi: child.suspect.silence.phi, since: child.suspect.at } }),
  ...(child.phase === "up" && child.failingCheck !== undefined ? { failingCheck: child.failingCheck } : {}),
  ...(child.status !== undefined && hasProcess(child) ? { status: child.status } : {}),
  ...(child.lastExit === undefined ? {} : { lastExit: child.lastExit })
})

const hasUntil = ({ phase, conviction }: ChildState): boolean =>
  phase === "backoff" || phase === "failed" || phase === "stopping" || (phase === "up" && conviction !== undefined)

const strategyOf = (spec: Child): Partial<NodeSnapshot> => (spec.type === "supervisor" ? { strategy: spec.strategy } : {})
