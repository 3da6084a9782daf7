/** A pool has the size it was scaled to, whatever happens to its instances, until there is a call about one of them. */
import type { Action } from "../../../src/core/Action.ts"
import type { Event } from "../../../src/core/Event.ts"
import { parentOf } from "../../../src/core/Path.ts"
import type { TreeState } from "../../../src/core/State.ts"
import type { Child } from "../../../src/tree/Spec.ts"

type Call = Extract<Event, { _tag: "Call" }>

export class PoolSizes {
  private readonly sizes = new Map<string, number>()
  /** Unanswered calls, by ticket. */
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
    // Even an instance that is being stopped may be put on hold, or started again.
    if ("id" in event.request || event.request._tag === "startInstance") this.sizes.delete(event.path)
  }

  after(actions: ReadonlyArray<Action>): void {
    for (const action of actions) {
      if (action._tag === "Reply") this.answered(action)
      if (action._tag !== "News") continue
      const { _tag, path } = action.news
      if (_tag === "Starting") this.sizes.delete(path) // the next incarnation of a pool has the size of its spec
      if (_tag === "Declined") this.sizes.delete(parentOf(path)) // it had nothing to run, and is removed
    }
  }

  /** Not checked if instances may finish for good, may still fail to be added, or are being terminated. */
  private answered({ ticket, answer }: Extract<Action, { _tag: "Reply" }>): void {
    const call = this.open.get(ticket)
    this.open.delete(ticket)
    if (call?.request._tag !== "scale" || answer._tag !== "Done") return
    const spec = this.specOf(call.path)
    const isChecked = spec?.type === "pool" && spec.child.restart === "permanent" && !this.isChanging(call.path)
    if (isChecked) this.sizes.set(call.path, call.request.size)
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

/** A restart does not change the size: a restarting instance counts. */
const changing: ReadonlySet<Call["request"]["_tag"]> = new Set(["startInstance", "terminateChild"])
