/**
 * The health of a node: one word, and a reason.
 *
 * The health of a running supervisor follows from that of its children. It is unhealthy if one has failed, if a
 * significant one is unhealthy, if more than half of those that should be up are, or while many of them are silent
 * together. It is degraded if any child is not healthy. Children that have finished or were stopped do not matter.
 */

import { sayDuration } from "../tree/duration.ts"
import { sayExit, sayPending } from "./Sentence.ts"
import type { ChildState, ReadonlyTree, SupervisorState } from "./State.ts"
import { commonSilence } from "./Suspicion.ts"

/** `because` follows the path of the node; there is none where all is well. */
export interface Health {
  readonly status: "healthy" | "degraded" | "unhealthy" | "starting" | "stopped"
  readonly because?: string
}

const healthy: Health = { status: "healthy" }

/** Of a child; if it is a supervisor, its children are taken into account. */
export function healthOf(tree: ReadonlyTree, child: ChildState): Health {
  const { phase, pendingOn, lastExit, conviction } = child
  switch (phase) {
    case "starting":
      return { status: "starting", ...(child.failingCheck === undefined ? {} : { because: `is not ready: ${child.failingCheck}` }) }
    case "backoff":
    case "restarting":
      return { status: "unhealthy", because: lastExit === undefined ? "is to be started again" : sayExit(lastExit) }
    case "pending":
      return {
        status: pendingOn?._tag === "Gate" ? "starting" : "unhealthy",
        because: pendingOn === undefined ? "is pending" : sayPending(pendingOn)
      }
    case "failed":
      return { status: "unhealthy", because: `has failed: ${lastExit === undefined ? "it ended" : `it ${sayExit(lastExit)}`}` }
    case "down":
      return { status: "stopped", ...(lastExit === undefined ? {} : { because: sayExit(lastExit) }) }
    case "stopping":
      return { status: "stopped", because: "is being stopped" }
    case "up": {
      if (conviction !== undefined) return { status: "unhealthy", because: sayExit(conviction.exit) }
      const sup = tree.supervisors.get(child.path)
      return sup === undefined ? ofWorker(child, tree.now) : healthWithin(tree, sup)
    }
  }
}

function ofWorker({ failingCheck, suspect }: ChildState, now: number): Health {
  if (failingCheck !== undefined) return { status: "unhealthy", because: failingCheck }
  if (suspect === undefined) return healthy
  return { status: "degraded", because: `is silent for ${sayDuration(suspect.silence.silenceMs + now - suspect.at)}` }
}

/** Of a supervisor that runs. */
export function healthWithin(tree: ReadonlyTree, sup: SupervisorState): Health {
  if (sup.mode === "booting") return { status: "starting" }
  if (sup.mode === "ending") return { status: "stopped", because: "is being stopped" }
  const silence = commonSilence(sup)
  if (silence !== undefined)
    return { status: "unhealthy", because: `has ${silence.suspects} of ${silence.of} children that fell silent together` }
  let [wanted, unwell] = [0, 0]
  let first: { readonly child: ChildState; readonly health: Health } | undefined
  for (const child of sup.children.values()) {
    const health = healthOf(tree, child)
    if (health.status === "stopped") continue
    wanted++
    if (health.status === "healthy") continue
    if (health.status === "unhealthy") {
      if (child.spec.significant || child.phase === "failed") return { status: "unhealthy", because: reasonOf(child, health) }
      if (unwell++ === 0) first = { child, health } // the reason that matters most
    }
    first ??= { child, health }
  }
  if (first === undefined) return healthy
  const because = reasonOf(first.child, first.health)
  if (unwell * 2 <= wanted) return { status: "degraded", because }
  return { status: "unhealthy", because: unwell === 1 ? because : `has ${unwell} of ${wanted} children that are not well; ${because}` }
}

const reasonOf = ({ id }: ChildState, { status, because }: Health): string =>
  `${id} ${because ?? (status === "starting" ? "is starting" : `is ${status}`)}`
