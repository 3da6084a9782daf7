/** Calls: from the oracle's words to ours, and the answers back to OTP's terms. */
import type { Answer, ChildAnswer, Incarnation, Refusal, Request } from "../../src/core/Event.ts"
import { idOf } from "../../src/core/Path.ts"
import type { Chronicle } from "./Chronicle.ts"
import type { Names } from "./Names.ts"
import type { Behaviour, CallStep, Term } from "./scenario.ts"
import { childOf, shown, typeOf } from "./specs.ts"

/** A pending call. An instance of a pool is named by its pid, which is looked up when the call is made. */
export interface Asked {
  readonly step: CallStep
  /** Our path of the supervisor. */
  readonly path: string
  readonly isPool: boolean
  readonly instance?: Incarnation
  /** Of an instance to be started: the oracle's number. */
  readonly number?: number
}

/** What differs between instances is in their arguments. */
export const argvOf = ({ starts, then, stop }: Behaviour): ReadonlyArray<string> => [JSON.stringify({ starts, then, stop })]
export const behaviourIn = (argv: ReadonlyArray<string>): Behaviour => (argv[0] === undefined ? {} : JSON.parse(argv[0]))

export function requestOf({ step, instance }: Asked): Request {
  switch (step.op) {
    case "which_children":
      return { _tag: "whichChildren" }
    case "count_children":
      return { _tag: "countChildren" }
    case "start_child":
      return { _tag: "startChild", spec: childOf(step.spec) }
    case "start_dynamic":
      return { _tag: "startInstance", argv: argvOf(step) }
  }
  const id = instance === undefined ? step.id : idOf(instance.path)
  switch (step.op) {
    case "terminate_child":
      return { _tag: "terminateChild", id }
    case "restart_child":
      return { _tag: "restartChild", id }
    case "delete_child":
      return { _tag: "deleteChild", id }
    case "get_childspec":
      return { _tag: "getChildSpec", id }
  }
}

/** `info`: what the start function returned besides the pid. */
export function termOfAnswer(
  asked: Asked,
  answer: Answer,
  names: Names,
  chronicle: Chronicle,
  info: (path: string) => ReadonlyArray<Term>
): Term {
  switch (answer._tag) {
    case "Done":
      return "ok"
    case "Up":
      return ["ok", names.pid(answer), ...info(answer.path)]
    case "Nothing":
      return ["ok", "undefined"]
    case "Spec":
      return ["ok", shown(answer.spec)]
    case "Children":
      return answer.children.map((child) => [asked.isPool ? "undefined" : child.id, pidOf(asked, child, names), typeOf(child)])
    case "Count": {
      const { specs, active, supervisors, workers } = answer
      return { specs, active, supervisors, workers }
    }
    case "Refused":
      return termOfRefusal(asked, answer.why, names, chronicle)
  }
}

function pidOf({ path }: Asked, { id, state, incarnation }: ChildAnswer, names: Names): Term {
  if (state === "running") return names.pid({ path: `${path}/${id}`, incarnation })
  return state === "restarting" ? "restarting" : "undefined"
}

function termOfRefusal({ step, isPool }: Asked, why: Refusal, names: Names, chronicle: Chronicle): Term {
  switch (why._tag) {
    case "IsPool":
      return ["error", "simple_one_for_one"]
    case "NotFound":
      // OTP's pools know pids and no ids.
      return ["error", isPool && step.op !== "get_childspec" ? "simple_one_for_one" : "not_found"]
    case "AlreadyStarted":
      return ["error", ["already_started", names.pid(why)]]
    case "AlreadyPresent":
      return ["error", "already_present"]
    case "Running":
      return ["error", "running"]
    case "Restarting":
      return ["error", "restarting"]
    case "StartFailed": {
      const term = chronicle.failure(why.path, why.exit)
      return ["error", step.op === "start_child" ? [term, ["child", step.spec.id!]] : term]
    }
    default:
      throw new Error(`OTP has no such answer: ${JSON.stringify(why)}`)
  }
}
