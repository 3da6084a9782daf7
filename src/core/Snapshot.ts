/** What a tree looks like at one moment: plain data, for whoever shows it. */
import type { Child, Strategy } from "../tree/Spec.ts"
import type { PendingOn } from "./Decision.ts"
import type { Exit } from "./Exit.ts"
import { type Health, healthOf, healthWithin } from "./Health.ts"
import { find } from "./Machine.ts"
import type { ChildState, Phase, ReadonlyTree, SupervisorState } from "./State.ts"

/** `since`, `until`: milliseconds of the tree's clock. */
export interface NodeSnapshot {
  readonly path: string
  readonly type: "worker" | "supervisor" | "pool"
  readonly phase: Phase
  readonly incarnation: number
  /** How often it was restarted because it had failed: not by the operator, and not with others. */
  readonly restarts: number
  /** When this phase began. */
  readonly since: number
  /** Held down by the operator. */
  readonly hold: boolean
  /** When its backoff ends, while it waits; when it is killed, while it is stopping and its time is limited. */
  readonly until?: number
  readonly lastExit?: Exit
  readonly pid?: number
  /** Members of its process group that do not die of SIGKILL. */
  readonly blocked?: ReadonlyArray<number>
  /** What it waits for while it is held by something else than the operator. */
  readonly pendingOn?: PendingOn
  /** It has been silent for too long, and is looked at: phi, and since when. */
  readonly suspect?: { readonly phi: number; readonly since: number }
  /** It runs, and a check that only reports says this of it. */
  readonly failingCheck?: string
  /** Of a supervisor it says how those below it do, too; left out of a supervisor that is told without them. */
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

/** One node without what is below it; undefined when it is not there. */
export function snapshotOf(tree: ReadonlyTree, path: string): NodeSnapshot | undefined {
  if (path === tree.rootPath) {
    const { children: _, health: __, ...root } = snapshot(tree)
    return root
  }
  const child = find(tree, path)?.child
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
  ...(child.phase === "pending" && child.pendingOn !== undefined ? { pendingOn: child.pendingOn } : {}),
  ...(child.suspect === undefined ? {} : { suspect: { phi: child.suspect.silence.phi, since: child.suspect.at } }),
  ...(child.phase === "up" && child.failingCheck !== undefined ? { failingCheck: child.failingCheck } : {}),
  ...(child.lastExit === undefined ? {} : { lastExit: child.lastExit })
})

const hasUntil = ({ phase, conviction }: ChildState): boolean =>
  phase === "backoff" || phase === "failed" || phase === "stopping" || (phase === "up" && conviction !== undefined)

const strategyOf = (spec: Child): Partial<NodeSnapshot> => (spec.type === "supervisor" ? { strategy: spec.strategy } : {})

/** The node and all below it, parents first. */
export const flatten = (node: NodeSnapshot): ReadonlyArray<NodeSnapshot> => [node, ...(node.children ?? []).flatMap(flatten)]
