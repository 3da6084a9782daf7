/**
 * The oracle's language: what it reads (scenarios) and what it writes (traces). oracle/README.md says what the words
 * mean.
 */

/** An Erlang term as JSON. */
export type Term = null | boolean | number | string | ReadonlyArray<Term> | { readonly [key: string]: Term }

export interface Scenario {
  readonly id: Term
  readonly retry?: "auto" | "manual"
  readonly root: SupervisorScript
  readonly steps?: ReadonlyArray<Step>
}

export interface SupervisorScript {
  readonly strategy?: string
  readonly intensity?: number
  /** In seconds. */
  readonly period?: number
  readonly auto_shutdown?: string
  readonly children?: ReadonlyArray<ChildScript>
}

/** The outcome of one start. */
export type StartScript = string | readonly ["ok_then_exit", Term]

export interface ChildScript extends Behaviour {
  readonly id?: string
  readonly restart?: string
  readonly significant?: boolean
  readonly shutdown?: number | string
  readonly type?: string
  /** A supervisor has this, a worker does not. */
  readonly sup?: SupervisorScript
  readonly nostart?: boolean
}

/** How a child behaves. Each part can be given again for an instance of a pool. */
export interface Behaviour {
  readonly starts?: ReadonlyArray<StartScript>
  readonly then?: StartScript
  readonly stop?: string | readonly [string, Term]
}

export type Step =
  | { readonly op: "exit"; readonly c: string; readonly why: Term }
  | { readonly op: "stop_sup"; readonly c: string; readonly why: Term }
  | { readonly op: "advance"; readonly ms: number }
  | { readonly op: "retry"; readonly all?: boolean }
  | { readonly op: "dump" }
  | { readonly op: "batch"; readonly sup: string; readonly acts: ReadonlyArray<Step> }
  | { readonly op: "check_childspecs" }
  | { readonly op: "upgrade"; readonly sup: string }
  | CallStep

/** In a batch the supervisor is that of the batch. */
export type CallStep = { readonly sup: string } & (
  | { readonly op: "which_children" | "count_children" }
  | { readonly op: "start_child"; readonly spec: ChildScript }
  | ({ readonly op: "start_dynamic" } & Behaviour)
  | { readonly op: "terminate_child" | "restart_child" | "delete_child" | "get_childspec"; readonly id: string }
)

export type TraceEvent = { readonly e: string; readonly [key: string]: Term }

export interface Trace {
  readonly id: Term
  readonly boot: ReadonlyArray<TraceEvent>
  readonly steps: ReadonlyArray<{
    readonly op: string
    readonly at: number
    readonly ret?: Term
    readonly trace: ReadonlyArray<TraceEvent>
  }>
  readonly final: Term
  readonly teardown: ReadonlyArray<TraceEvent>
}
