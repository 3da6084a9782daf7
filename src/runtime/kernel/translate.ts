/** Turns a leaf's event into one of the core; or, if the core need not know it, into one for observers. */
import type { Event } from "../../core/Event.ts"
import type { Exit } from "../../core/Exit.ts"
import type { LeafEvent } from "../../leaf/Spawner.ts"
import type { TreeEventBody } from "../read/TreeEvent.ts"

/** Only these tags are folded. */
type Folded = Extract<LeafEvent, { readonly _tag: "Spawned" | "NotStarted" | "Ready" | "Notified" | "Blocked" | "Exited" }>

export const isFolded = (event: LeafEvent): event is Folded => event._tag in folded
const folded: { readonly [tag in Folded["_tag"]]: true } = {
  ...{ Spawned: true, NotStarted: true, Ready: true, Notified: true, Blocked: true, Exited: true }
}

/** `pressure` of the machine when an exit was heard, where it makes a difference. */
export function translate(event: Folded, pressure: number | undefined): Event {
  const { path, incarnation } = event
  switch (event._tag) {
    case "Spawned":
      return { _tag: "Spawned", path, incarnation, pid: event.pid, startTime: event.startTime }
    case "Ready":
      return { _tag: "Ready", path, incarnation }
    case "Notified": {
      const { n: _, at: __, ...said } = event
      return said
    }
    case "Blocked":
      return { _tag: "Blocked", path, incarnation, pids: event.pids }
    case "NotStarted":
      return { _tag: "Exited", path, incarnation, exit: { _tag: "NotStarted", errno: event.errno, message: event.message } }
    case "Exited":
      return {
        ...{ _tag: "Exited", path, incarnation, exit: exitOf(event) },
        ...(pressure === undefined ? {} : { pressure }),
        ...(event.strays && { strays: event.strays }),
        ...(event.usage && { usage: event.usage })
      }
  }
}

function exitOf({ code, signal, dumped, outOfMemory, isLost }: Extract<LeafEvent, { readonly _tag: "Exited" }>): Exit {
  if (isLost) return { _tag: "Lost" }
  if (signal === undefined) return { _tag: "Code", code }
  return { _tag: "Signal", signal, ...(dumped && { dumped }), ...(outOfMemory && { outOfMemory }) }
}

/** Without its number and its time. */
export function reported(event: Exclude<LeafEvent, Folded>): TreeEventBody {
  const { n: _, at: __, ...body } = event
  return body
}
