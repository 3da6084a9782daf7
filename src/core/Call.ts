/** Calls to a supervisor (OTP: the supervisor API). Each is answered once: immediately, or when it is done. */
import { leaveBreaker } from "./Breaker.ts"
import { add, markToStart, markToStop, remove, unhold } from "./Child.ts"
import type { Answer, ChildAnswer, Refusal, Request } from "./Event.ts"
import { answer, reply, tell } from "./emit.ts"
import { tryAgain } from "./FailedChild.ts"
import { failedBefore, resume } from "./Needs.ts"
import { scale, startInstance, template } from "./Pool.ts"
import { restartByHand } from "./Restart.ts"
import { type ChildState, failsChildren, hasProcess, incarnationOf, isPool, type SupervisorState, type TreeState } from "./State.ts"
import { advance } from "./Supervisor.ts"

/** While it ends, a supervisor answers questions and refuses everything else. */
export function call(tree: TreeState, sup: SupervisorState, ticket: number, request: Request): void {
  const answered = sup.mode === "ending" && !isQuestion(request) ? refuse("Stopping", sup.path) : decide(tree, sup, ticket, request)
  if (answered !== undefined) reply(tree, ticket, answered)
  advance(tree, sup)
}

const isQuestion = ({ _tag }: Request): boolean => _tag === "whichChildren" || _tag === "countChildren" || _tag === "getChildSpec"

type Simple = Extract<
  Refusal["_tag"],
  "NotFound" | "AlreadyPresent" | "Running" | "Restarting" | "Stopping" | "Superseded" | "Terminated" | "IsPool" | "NotPool"
>
const refuse = (_tag: Simple, path: string): Answer => ({ _tag: "Refused", why: { _tag, path } })

/** The answer, or undefined when it comes later. */
function decide(tree: TreeState, sup: SupervisorState, ticket: number, request: Request): Answer | undefined {
  switch (request._tag) {
    case "whichChildren":
      return { _tag: "Children", children: [...sup.children.values()].reverse().map((child) => describe(sup, child)) }
    case "countChildren":
      return countChildren(sup)
    case "startChild":
      return isPool(sup) ? refuse("IsPool", sup.path) : startChild(tree, sup, ticket, request.spec)
    case "startInstance":
      return isPool(sup) ? startInstance(tree, sup, ticket, request) : refuse("NotPool", sup.path)
    case "scale":
      return isPool(sup) ? scale(tree, sup, request.size) : refuse("NotPool", sup.path)
    case "getChildSpec":
      if (isPool(sup) && request.id === template(sup).id) return { _tag: "Spec", spec: template(sup) }
      break
    case "restartChild":
    case "deleteChild":
      if (isPool(sup)) return refuse("IsPool", sup.path)
  }
  const child = sup.children.get(request.id)
  if (child === undefined) return refuse("NotFound", `${sup.path}/${request.id}`)
  switch (request._tag) {
    case "getChildSpec":
      return { _tag: "Spec", spec: child.spec }
    case "terminateChild":
      return terminate(tree, sup, child, ticket)
    case "hold":
      return hold(tree, sup, child, ticket)
    case "start":
      return startAgain(tree, sup, child, ticket)
    case "restart":
      return restart(tree, sup, child, ticket)
    case "restartChild":
    case "deleteChild": {
      const obstacle = obstacleTo(sup, child)
      if (obstacle !== undefined) return refuse(obstacle, child.path)
      if (request._tag === "restartChild") return startAgain(tree, sup, child, ticket)
      unhold(tree, child)
      remove(tree, sup, child)
      return { _tag: "Done" }
    }
  }
}

/** A new child at the end of the list. If it cannot start, the caller is told, and the child is removed. */
function startChild(tree: TreeState, sup: SupervisorState, ticket: number, spec: ChildState["spec"]): Answer | undefined {
  const known = sup.children.get(spec.id)
  if (known !== undefined && hasProcess(known)) return { _tag: "Refused", why: { _tag: "AlreadyStarted", ...incarnationOf(known) } }
  if (known !== undefined) return refuse("AlreadyPresent", known.path)
  const child = add(tree, sup, spec.id, spec)
  tell(tree, { _tag: "Added", path: child.path })
  unhold(tree, child) // a child of that name may have been on hold in an earlier incarnation of this supervisor
  subscribe(child, ticket, "start")
  markToStart(sup, child, true)
  return undefined
}

/** Lets it run: a child that is down or on hold is started, and one that waits is started now. (OTP: restart_child) */
function startAgain(tree: TreeState, sup: SupervisorState, child: ChildState, ticket: number): Answer | undefined {
  unhold(tree, child)
  if (child.phase === "failed" && !sup.toStop.has(child)) {
    child.failures = 0
    subscribe(child, ticket, "again")
    tryAgain(tree, sup, child)
    return undefined
  }
  if ((child.phase === "backoff" || child.phase === "pending") && !sup.toStop.has(child)) {
    leaveBreaker(sup, child)
    if (failsChildren(sup)) child.independent = true // behind a failed child it would wait again
    subscribe(child, ticket, "again")
    resume(tree, sup, child)
    return undefined
  }
  if ((sup.toStart.has(child) && !sup.toStop.has(child)) || child.phase === "restarting") {
    child.tickets.push(ticket)
    child.askedFor ??= "again"
    return undefined
  }
  if (hasProcess(child) && !sup.toStop.has(child)) return { _tag: "Refused", why: { _tag: "AlreadyStarted", ...incarnationOf(child) } }
  supersede(tree, child)
  subscribe(child, ticket, "restart")
  markToStart(sup, child, true)
  return undefined
}

/** Restarts it and the affected siblings, now. */
function restart(tree: TreeState, sup: SupervisorState, child: ChildState, ticket: number): undefined {
  unhold(tree, child)
  supersede(tree, child)
  subscribe(child, ticket, "again")
  restartByHand(sup, child)
  if (failedBefore(sup, child) === undefined) return
  child.independent = true // or it would wait for the failed child
  sup.runnable.push(child)
}

/** Stops it and keeps it down, also when siblings or its supervisor are restarted. */
function hold(tree: TreeState, sup: SupervisorState, child: ChildState, ticket: number): undefined {
  if (!child.record.hold) tell(tree, { _tag: "Hold", path: child.path })
  child.record.hold = true
  stopAndAnswer(tree, sup, child, ticket)
}

/**
 * Stops it for now: a sibling's restart may bring it back. A temporary child or an instance of a pool is removed, on
 * hold or not.
 */
function terminate(tree: TreeState, sup: SupervisorState, child: ChildState, ticket: number): undefined {
  if (isPool(sup) || child.spec.restart === "temporary") unhold(tree, child)
  stopAndAnswer(tree, sup, child, ticket)
}

/** Callers that still wait for its start are refused. */
function stopAndAnswer(tree: TreeState, sup: SupervisorState, child: ChildState, ticket: number): void {
  if (child.askedFor !== "terminate") answer(tree, child, refuse("Terminated", child.path))
  child.tickets.push(ticket)
  child.askedFor = "terminate"
  sup.toStart.delete(child)
  markToStop(sup, child, true)
}

/** It is to be started now, and its failures are counted anew. Callers that wait for its end are refused. */
function supersede(tree: TreeState, child: ChildState): void {
  if (child.failures !== undefined) child.failures = 0
  if (child.askedFor === "terminate") answer(tree, child, refuse("Superseded", child.path))
}

function subscribe(child: ChildState, ticket: number, askedFor: "start" | "restart" | "again"): void {
  child.tickets.push(ticket)
  child.askedFor = askedFor
}

/** Why a child cannot be restarted or deleted by hand, if so. */
function obstacleTo(sup: SupervisorState, child: ChildState): "Restarting" | "Running" | undefined {
  if (child.phase === "restarting" || sup.toStart.has(child)) return "Restarting"
  return (child.phase === "down" || child.phase === "failed") && !sup.toStop.has(child) ? undefined : "Running"
}

function describe(sup: SupervisorState, child: ChildState): ChildAnswer {
  const restarting =
    child.phase === "backoff" ||
    child.phase === "pending" ||
    child.phase === "restarting" ||
    (child.phase === "down" && sup.toStart.has(child))
  const state = hasProcess(child) ? "running" : restarting ? "restarting" : "down"
  return { id: child.id, type: child.spec.type, state, incarnation: child.record.incarnation }
}

/** A pool counts its template once. A child that is restarting is not active. */
function countChildren(sup: SupervisorState): Answer {
  const all = [...sup.children.values()]
  const active = all.filter(hasProcess).length
  const workers = all.filter((child) => child.spec.type === "worker").length
  return { _tag: "Count", specs: isPool(sup) ? 1 : all.length, active, supervisors: all.length - workers, workers }
}
