/** A pool that was scaled has as many instances as it was told to have, whatever happens to them, until somebody gives an order about one of them. */
import type { Action } from "../../../src/core/Action.ts"
import type { Event } from "../../../src/core/Event.ts"
import { parentOf } from "../../../src/core/Path.ts"
import type { TreeState } from "../../../src/core/State.ts"
import type { Child } from "../../../src/tree/Spec.ts"

type Call = Extract<Event, { _tag: "Call" }>

export class PoolSizes {
  private readonly sizes = new Map<string, number>()
  /** Calls that are not answered yet, by ticket. */
  private readonly open = new Map<number, Call>()
  private readonly specOf: (path: string) => Child | undefined
  private readonly check: (holds: boolean, what: string) => void

  constructor(specOf: (path: string) => Child | undefined, check: (holds: boolean, what: string) => void) {
    this.specOf = specOf
    this.check = check
  }

  before(event: Event): void {
    if (event._tag !== "Call") return
    this.open.set(event.ticket, event)
    // Even one that is on its way out may be held, or brought back.
    if ("id" in event.request || event.request._tag === "startInstance") this.sizes.delete(event.path)
  }

  after(actions: ReadonlyArray<Action>): void {
    for (const action of actions) {
      if (action._tag === "Reply") this.answered(action)
      if (action._tag !== "News") continue
      const { _tag, path } = action.news
      if (_tag === "Starting") this.sizes.delete(path) // the next life of a pool has the size of its spec
      if (_tag === "Declined") this.sizes.delete(parentOf(path)) // there was nothing to run, so it is gone
    }
  }

  /** Instances that may finish for good, that may still fail to be added, or that are just being taken away are no matter of the size. */
  private answered({ ticket, answer }: Extract<Action, { _tag: "Reply" }>): void {
    const call = this.open.get(ticket)
    this.open.delete(ticket)
    if (call?.request._tag !== "scale" || answer._tag !== "Done") return
    const spec = this.specOf(call.path)
    const isSure = spec?.type === "pool" && spec.child.restart === "permanent" && !this.isChanging(call.path)
    if (isSure) this.sizes.set(call.path, call.request.size)
    else this.sizes.delete(call.path)
  }

  private isChanging(path: string): boolean {
    return [...this.open.values()].some((call) => call.path === path && changing.has(call.request._tag))
  }

  atRest({ supervisors }: TreeState): void {
    for (const [path, size] of this.sizes) {
      const there = supervisors.get(path)?.children.size
      this.check(there === undefined || there === size, `${path} was scaled to ${size}, and has ${there} instances`)
    }
  }
}

/** A restart is not among them: whoever is restarted is there, also while its process is not. */
const changing: ReadonlySet<Call["request"]["_tag"]> = new Set(["startInstance", "terminateChild"])
