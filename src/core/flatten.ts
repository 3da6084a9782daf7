/** Walks a snapshot. A command that prints a tree needs this, and not the machine that snapshots are made of. */
import type { NodeSnapshot } from "./Snapshot.ts"

/** The node and all below it, parents first. */
export const flatten = (node: NodeSnapshot): ReadonlyArray<NodeSnapshot> => [node, ...(node.children ?? []).flatMap(flatten)]
