/**
 * The start gate of a tree: a token bucket for starts, and a limit on how many processes may be starting at once. It
 * rules out what jitter can only make unlikely: that a machine which has just come back starts everything at once.
 */
import type { StartGate } from "../tree/Pacing.ts"
import { act } from "./emit.ts"
import type { ChildState, GateState, SupervisorState, TreeState } from "./State.ts"
import { becomePending } from "./transition.ts"

export const makeGate = (spec: StartGate | undefined): GateState | undefined =>
  spec && { spec, tokens: spec.burst, at: 0, wakeAt: 0, starting: 0, queue: new Map(), admitted: undefined }

/** May it be started now? If not, it is pending until its turn comes. */
export function admits(tree: TreeState, sup: SupervisorState, child: ChildState): boolean {
  const { gate } = tree
  if (gate === undefined) return true
  if (gate.admitted === child) {
    gate.admitted = undefined
    return true
  }
  if (gate.queue.size === 0 && takeToken(gate, tree.now)) return true
  becomePending(tree, child, { _tag: "Gate" })
  gate.queue.set(child, sup)
  arm(tree, gate)
  return false
}

/**
 * Calls `go` with each child whose turn has come. A child that need not start any more, or cannot yet, loses its turn.
 */
export function openGate(tree: TreeState, go: (child: ChildState, sup: SupervisorState) => void): void {
  const { gate } = tree
  if (gate === undefined) return
  for (const [child, sup] of gate.queue) {
    if (!takeToken(gate, tree.now)) break
    gate.queue.delete(child)
    gate.admitted = child
    go(child, sup)
    if (gate.admitted === undefined) continue
    gate.admitted = undefined
    gate.tokens += 1
  }
  arm(tree, gate)
}

function takeToken(gate: GateState, now: number): boolean {
  const { rate, burst, starting } = gate.spec
  gate.tokens = Math.min(burst, gate.tokens + ((now - gate.at) * rate) / 1000)
  gate.at = now
  if (gate.starting >= starting || gate.tokens < 1) return false
  gate.tokens -= 1
  return true
}

/** Looks again when there is a token. If too many are starting, the gate opens when one of them is done (`Admit`). */
function arm(tree: TreeState, gate: GateState): void {
  if (gate.queue.size === 0 || gate.tokens >= 1 || gate.wakeAt > tree.now) return
  gate.wakeAt = tree.now + Math.ceil(((1 - gate.tokens) * 1000) / gate.spec.rate)
  act(tree, { _tag: "Wake", path: tree.rootPath, incarnation: tree.record.incarnation, purpose: "gate", at: gate.wakeAt })
}
