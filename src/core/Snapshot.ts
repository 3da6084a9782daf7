/** What a tree looks like at one moment: plain data, for whoever shows it. */
import type { Child, Strategy } from "../spec/Spec.ts"
import type { Exit } from "./Exit.ts"
import type { ChildState, Phase, SupervisorState, TreeState } from "./State.ts"
import { find } from "./Tree.ts"

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
  readonly held: boolean
  /** When its backoff ends, while it waits; when it is killed, while it is stopping and its time is limited. */
  readonly until?: number
  readonly lastExit?: Exit
  readonly strategy?: Strategy
  /** In start order. */
  readonly children?: ReadonlyArray<NodeSnapshot>
}

/** The whole tree below its root. */
export function snapshot(tree: TreeState): NodeSnapshot {
  const sup = tree.supervisors.get(tree.rootPath)
  const phase = sup === undefined ? "down" : ({ booting: "starting", running: "up", ending: "stopping" } as const)[sup.mode]
  return {
    path: tree.rootPath,
    type: tree.root.type,
    phase,
    incarnation: tree.ledger.incarnation,
    restarts: 0,
    since: sup?.since ?? 0,
    held: false,
    ...strategyOf(tree.root),
    ...(sup === undefined ? {} : below(tree, sup))
  }
}

/** One node without what is below it; undefined when it is not there. */
export function snapshotOf(tree: TreeState, path: string): NodeSnapshot | undefined {
  if (path === tree.rootPath) {
    const { children: _, ...root } = snapshot(tree)
    return root
  }
  const child = find(tree, path)?.child
  return child === undefined ? undefined : describe(child)
}

const below = (tree: TreeState, sup: SupervisorState): Partial<NodeSnapshot> => ({
  children: [...sup.children.values()].map((child) => {
    const inner = tree.supervisors.get(child.path)
    return inner === undefined ? describe(child) : { ...describe(child), ...below(tree, inner) }
  })
})

const describe = (child: ChildState): NodeSnapshot => ({
  path: child.path,
  type: child.spec.type,
  phase: child.phase,
  incarnation: child.ledger.incarnation,
  restarts: child.ledger.restarts,
  since: child.since,
  held: child.ledger.held,
  ...strategyOf(child.spec),
  ...((child.phase === "waiting" || child.phase === "stopping") && Number.isFinite(child.until) ? { until: child.until } : {}),
  ...(child.lastExit === undefined ? {} : { lastExit: child.lastExit })
})

const strategyOf = (spec: Child): Partial<NodeSnapshot> => (spec.type === "supervisor" ? { strategy: spec.strategy } : {})
