/** The one place where a child changes its phase, and where everything that follows from phases is kept up to date. */
import type { PendingOn } from "./Decision.ts"
import { tell } from "./emit.ts"
import { type ChildState, type GateState, incarnationOf, type Phase, type TreeState } from "./State.ts"

export function setPhase(tree: TreeState, child: ChildState, phase: Phase): void {
  if (child.spec.type === "worker") {
    tree.active += Number(isActive(phase)) - Number(isActive(child.phase))
    if (tree.gate !== undefined) passGate(tree, tree.gate, child, phase)
  }
  if (child.phase === "failed") child.parent.failed.delete(child)
  if (phase === "failed") child.parent.failed.add(child)
  child.phase = phase
  child.pendingOn = undefined
  child.since = tree.now
}

/** It waits for something else than a delay. */
export function becomePending(tree: TreeState, child: ChildState, by: PendingOn): void {
  setPhase(tree, child, "pending")
  child.pendingOn = by
  tell(tree, { _tag: "Pending", ...incarnationOf(child), by })
}

/** It runs, or is going to. */
export const isActive = (phase: Phase): boolean => phase !== "down"

function passGate(tree: TreeState, gate: GateState, child: ChildState, to: Phase): void {
  const from = child.phase
  if (from === "pending") gate.queue.delete(child)
  gate.starting += Number(to === "starting") - Number(from === "starting")
  if (from === "starting" && gate.queue.size > 0) tree.mailbox.push({ _tag: "Admit" })
}
