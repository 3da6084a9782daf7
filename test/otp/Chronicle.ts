/** What happens, in the oracle's words. It keeps how each incarnation ended as a term, since our exits say less. */
import type { News } from "../../src/core/Action.ts"
import type { Incarnation } from "../../src/core/Event.ts"
import type { Exit } from "../../src/core/Exit.ts"
import { idOf, parentOf } from "../../src/core/Path.ts"
import { hasProcess, incarnationOf, type TreeState } from "../../src/core/State.ts"
import type { Child } from "../../src/tree/Spec.ts"
import { keyOf, type Names } from "./Names.ts"
import type { Term, TraceEvent } from "./scenario.ts"
import { ROOT } from "./specs.ts"

export class Chronicle {
  readonly tree: TreeState
  readonly names: Names
  private events: Array<TraceEvent> = []
  /** Why an incarnation ended, or why a start failed. */
  private readonly terms = new Map<string, Term>()
  private readonly specs = new Map<string, Child>()
  /** The last start attempt at each path, and the last that succeeded. */
  private readonly attempts = new Map<string, number>()
  private readonly successes = new Map<string, number>()
  /** The instances when a pool began to end: it reports once, for all. */
  private readonly dying = new Map<string, ReadonlyArray<string>>()

  constructor(tree: TreeState, names: Names) {
    this.tree = tree
    this.names = names
  }

  log(e: string, more: Omit<TraceEvent, "e">): void {
    this.events.push({ e, ...more })
  }

  take(): ReadonlyArray<TraceEvent> {
    const { events } = this
    this.events = []
    return events
  }

  // ---------------------------------------------------------------- incarnations

  attempted(of: Incarnation, spec: Child): void {
    this.specs.set(keyOf(of), spec)
    this.attempts.set(of.path, of.incarnation)
  }

  /** It runs: a worker, or a supervisor with all below it. */
  succeeded(of: Incarnation): void {
    this.log("start", { c: this.names.pid(of), r: "ok" })
    this.successes.set(of.path, of.incarnation)
  }

  hasSucceeded = (of: Incarnation): boolean => this.successes.get(of.path) === of.incarnation
  /** The last incarnation at a path that came up; in OTP the old pid of a child that waits for its retry. */
  lastUp = (path: string): number => this.successes.get(path) ?? 0

  endsWith(of: Incarnation, term: Term): void {
    if (!this.terms.has(keyOf(of))) this.terms.set(keyOf(of), term)
  }

  /** A supervisor is stopped for this reason, or ends for a reason of its own. */
  termOf(of: Incarnation, exit: Exit): Term {
    if (exit._tag !== "BootFailed") return this.terms.get(keyOf(of)) ?? "shutdown"
    return ["shutdown", ["failed_to_start_child", idOf(exit.cause.path), this.termOf(exit.cause, exit.cause.exit)]]
  }

  /** Why the last start at this path failed. */
  failure = (path: string, exit: Exit): Term => this.termOf({ path, incarnation: this.attempts.get(path)! }, exit)

  // ---------------------------------------------------------------- events

  tell(news: News): void {
    switch (news._tag) {
      case "Started":
        if (news.path === `/${ROOT}`) this.succeeded(news)
        return
      case "StartFailed":
        // For a worker this is logged when its start fails; for a supervisor it is known only now.
        if (this.specs.get(keyOf(news))!.type !== "worker" && news.exit._tag === "BootFailed") this.startFailed(news, news.exit)
        return
      case "Exited":
        return this.log("exit", { c: this.names.pid(news), why: this.termOf(news, news.exit) })
      case "RestartCounted":
        return this.log("restart_counted", { sup: this.names.theirs(news.path), n: news.count, at: this.tree.now / 1000 })
      case "Ending":
        return this.ending(news, news.exit)
      case "Stopping":
        if (this.specs.get(keyOf(news))!.type === "worker" || this.dying.has(parentOf(news.path))) return
        return this.log("stopping", { c: this.names.pid(news) })
      case "Stopped":
        return this.stopped(news, this.termOf(news, news.exit))
    }
  }

  private startFailed(of: Incarnation, exit: Exit): void {
    this.log("start", { c: this.names.pid(of), r: "error", why: this.termOf(of, exit) })
  }

  private ending(of: Incarnation, exit: Exit): void {
    const sup = this.names.theirs(of.path)
    if (exit._tag === "GaveUp") this.log("give_up", { sup, why: "intensity" })
    if (exit._tag === "AutoShutdown") this.log("give_up", { sup, why: "auto_shutdown" })
    if (this.specs.get(keyOf(of))!.type !== "pool") return
    // An empty pool has ended already.
    const children = [...(this.tree.supervisors.get(of.path)?.children.values() ?? [])]
    const pids = children.filter(hasProcess).map((child) => this.names.pid(incarnationOf(child)))
    this.dying.set(of.path, pids.sort())
    this.log("stopping_dynamic", { sup, n: pids.length })
  }

  private stopped(of: Incarnation, term: Term): void {
    if (this.dying.has(parentOf(of.path))) return
    const { shutdown, restart } = this.specs.get(keyOf(of))!
    const wanted = shutdown === "brutalKill" ? "killed" : "shutdown"
    const fine = term === wanted || (restart !== "permanent" && isNormal(term))
    this.log("stop", { c: this.names.pid(of), how: shutdown === "brutalKill" ? "kill" : "shutdown", r: fine ? "ok" : ["error", term] })
  }

  /** A supervisor has stopped its children and has ended. Before it was up, this is a failed start. */
  ended(of: Incarnation, exit: Exit): void {
    const sup = this.names.theirs(of.path)
    const children = this.dying.get(of.path)
    this.dying.delete(of.path)
    if (!this.hasSucceeded(of)) return of.path === `/${ROOT}` ? this.startFailed(of, exit) : undefined
    if (children !== undefined) this.log("stopped_dynamic", { sup, children })
    this.log("sup_down", { sup, why: this.termOf(of, exit) })
  }
}

/** A term of the form normal, shutdown or {shutdown, _}. */
export const isNormal = (term: Term): boolean =>
  term === "normal" || term === "shutdown" || (Array.isArray(term) && term.length === 2 && term[0] === "shutdown")

/** The exit for our core with that reason. The orderly end of a supervisor has an exit of its own. */
export function exitOf(term: Term, type: Child["type"]): Exit {
  if (term === "killed") return { _tag: "Signal", signal: "SIGKILL" }
  if (!isNormal(term)) return { _tag: "Code", code: 1 }
  return term === "normal" && type === "worker" ? { _tag: "Code", code: 0 } : { _tag: "Shutdown" }
}
