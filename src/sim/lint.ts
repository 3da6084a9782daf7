/**
 * Finds trees that are valid but probably not what their author meant. A finding says where, what follows, and what to
 * change.
 *
 * Nothing is run, and nothing is looked up: everything follows from what is written. A tree without findings may still
 * be wrong; a rehearsal shows more.
 */
import { decodeTreeOrThrow } from "../tree/decode.ts"
import type { Child, Tree, TreeSpec, Worker } from "../tree/Spec.ts"
import { neverOpens, opensTooLate } from "./lint/breakers.ts"
import { isNotReplaced } from "./lint/commands.ts"
import { signalCodes } from "./lint/ends.ts"
import { type Branch, childrenOf, type Finding, type Remark } from "./lint/Finding.ts"
import { neverTrips, tripsAtOnce } from "./lint/limits.ts"
import { sharedPorts } from "./lint/ports.ts"
import { endsQuietly, neverReady, waitsForEver } from "./lint/starting.ts"
import { hangsForEver, stopsTooSoon } from "./lint/stopping.ts"
import { checksTooSlowly, phiNeverDecides, unwellForEver } from "./lint/watching.ts"

export type { Finding }

const ofBranches: ReadonlyArray<(branch: Branch) => ReadonlyArray<Remark>> = [
  neverTrips,
  tripsAtOnce,
  neverOpens,
  opensTooLate,
  unwellForEver,
  stopsTooSoon,
  waitsForEver
]
const ofWorkers: ReadonlyArray<(worker: Worker) => ReadonlyArray<Remark>> = [
  neverReady,
  phiNeverDecides,
  checksTooSlowly,
  hangsForEver,
  isNotReplaced,
  signalCodes
]

/**
 * Every finding, a parent's before its children's, and at last what several have in common. Throws `BadTree` when the
 * spec is invalid.
 */
export const lint = (spec: TreeSpec): ReadonlyArray<Finding> => findingsIn(decodeTreeOrThrow(spec))

/** `lint` for a tree that is already decoded. */
export function findingsIn(tree: Tree): ReadonlyArray<Finding> {
  const findings: Array<Finding> = []
  const visit = (node: Child, path: string, isRoot: boolean): void => {
    const remarks =
      node.type === "worker"
        ? ofWorkers.flatMap((rule) => rule(node))
        : [...ofBranches, ...(isRoot ? [] : [endsQuietly])].flatMap((rule) => rule(node))
    findings.push(...remarks.map((remark) => ({ path, ...remark })))
    if (node.type !== "worker") for (const child of childrenOf(node)) visit(child, `${path}/${child.id}`, false)
  }
  visit(tree, `/${tree.id}`, true)
  return [...findings, ...sharedPorts(tree)]
}
