/** The one place where a child changes its phase, and where everything that follows from phases is kept up to date. */
import type { ChildState, GateState, Phase, TreeState } from "./State.ts"

export function setPhase(tree: TreeState, child: ChildState, phase: Phase): void {
  if (child.spec.type === "worker") {
    tree.active += Number(isActive(phase)) - Number(isActive(child.phase))
    if (tree.gate !== undefined) passGate(tree, tree.gate, child.phase, phase)
  }
  if (child.phase === "failed") child.parent.failed.delete(child)
  if (phase === "failed") child.parent.failed.add(child)
  child.phase = phase
  child.since = tree.now
}

/** It runs, or is going to. */
export const isActive = (phase: Phase): boolean => phase !== "down"

function passGate(tree: TreeState, gate: GateState, from: Phase, to: Phase): void {
  gate.starting += Number(to === "starting") - Number(from === "starting")
  if (from === "starting" && to !== "starting" && gate.queue.size > 0) tree.mailbox.push({ _tag: "Admit" })
}
