/** A decoded tree as text: one row per node, with the settings that differ from the defaults. */
import * as Result from "effect/Result"
import { sayDelays } from "../../runtime/read/eventText.ts"
import type { Finding } from "../../sim/lint.ts"
import { decodeChildResult, decodeTreeOrThrow } from "../../tree/decode.ts"
import { printDuration } from "../../tree/duration.ts"
import type { Backoff } from "../../tree/Pacing.ts"
import type { Child, ChildCommon, Limits, Logs, Pool, Tree, Worker } from "../../tree/Spec.ts"
import { printSize } from "../../tree/size.ts"
import { branchGlyphs } from "../print/table.ts"
import { describeCheck, describeHealth, describeHeartbeat } from "./describeProbe.ts"

const WIDTH = 100
const BETWEEN = " · "

/**
 * ```
 * shop        supervisor  RestForOne · 5 restarts in 30 seconds
 * ├─ db       worker      postgres -D data · permanent · 30 seconds to stop
 * └─ jobs     pool of 4   8 restarts in 30 seconds
 *    └─ job   worker      node job.js · permanent
 * ```
 */
export const describeTree = (tree: Tree): string => {
  const rows = rowsOf(tree, "", "", true)
  const nameWidth = Math.max(...rows.map(({ name }) => name.length)) + 2
  const kindWidth = Math.max(...rows.map(({ kind }) => kind.length)) + 2
  return rows.flatMap((row) => lines(row, nameWidth, kindWidth)).join("\n")
}

interface Row {
  readonly name: string
  /** The tree's lines to the left of continuation lines. */
  readonly below: string
  readonly kind: string
  readonly facts: ReadonlyArray<string>
}

const rowsOf = (node: Child, branch: string, below: string, isRoot: boolean): ReadonlyArray<Row> => {
  const children = node.type === "supervisor" ? node.children : node.type === "pool" ? [node.child] : []
  const row = { name: branch + node.id, below: below + (children.length > 0 ? "│" : ""), kind: kindOf(node), facts: factsOf(node, isRoot) }
  const inner = children.flatMap((child, index) => {
    return rowsOf(child, ...branchGlyphs(below, index === children.length - 1), false)
  })
  return [row, ...inner]
}

/** One line, or more if the facts do not fit. */
const lines = ({ name, below, kind, facts }: Row, nameWidth: number, kindWidth: number): ReadonlyArray<string> => {
  const room = WIDTH - nameWidth - kindWidth
  const wrapped: Array<string> = []
  for (const fact of facts) {
    const last = wrapped[wrapped.length - 1]
    if (last !== undefined && last.length + BETWEEN.length + fact.length <= room) wrapped[wrapped.length - 1] = last + BETWEEN + fact
    else wrapped.push(fact)
  }
  return (wrapped.length === 0 ? [""] : wrapped).map((text, index) =>
    `${(index === 0 ? name : below).padEnd(nameWidth)}${(index === 0 ? kind : "").padEnd(kindWidth)}${text}`.trimEnd()
  )
}

const kindOf = (node: Child): string => (node.type === "pool" ? `pool of ${node.size}` : node.type)

// ---------------------------------------------------------------- facts

type Facts = Array<string | false>

const factsOf = (node: Child, isRoot: boolean): ReadonlyArray<string> => {
  const usual = defaultsOf(node)
  const own: Facts = node.type === "worker" ? workerFacts(node, usual as Worker) : limitFacts(node, usual, isRoot)
  const common: Facts = [
    node.significant && "significant",
    node.needs.length > 0 && `needs ${node.needs.join(", ")}`,
    stopping(node, usual),
    node.logs !== undefined && logging(node.logs),
    same(node.backoff, usual.backoff) ? false : backoff(node.backoff, usual.backoff)
  ]
  return [...own, ...common].filter((fact) => fact !== false)
}

const workerFacts = (worker: Worker, usual: Worker): Facts => [
  shortened(worker.start.map(word).join(" ")),
  worker.restart,
  readiness(worker),
  ...worker.health.map(describeHealth),
  worker.heartbeat !== undefined && describeHeartbeat(worker.heartbeat),
  worker.cwd !== usual.cwd && `in ${word(worker.cwd)}`,
  Object.keys(worker.env).length > 0 &&
    `env ${Object.entries(worker.env)
      .map(([name, value]) => (value === null ? `-${name}` : name))
      .join(" ")}`,
  worker.stopSignal !== usual.stopSignal && `stopped by ${worker.stopSignal}`,
  worker.stopTo !== usual.stopTo && "only its first process is asked to stop",
  worker.stdin !== usual.stdin && "stdin stays open",
  !same(worker.successCodes, usual.successCodes) && `success is ${worker.successCodes.join(", ") || "no code"}`
]

const limitFacts = (node: Limits & Child, usual: Child, isRoot: boolean): Facts => [
  node.type === "supervisor" && node.strategy,
  `${node.intensity} restart${node.intensity === 1 ? "" : "s"} in ${printDuration(node.period)}`,
  !isRoot && node.restart !== "permanent" && node.restart,
  node.type === "pool" && node.max !== (usual as Pool).max && `at most ${node.max}`,
  node.type === "supervisor" &&
    node.autoShutdown !== "never" &&
    `ends with ${node.autoShutdown === "anySignificant" ? "any" : "all"} significant`,
  node.type === "supervisor" && node.bootConcurrency > 1 && `boots ${node.bootConcurrency} at once`,
  node.boot !== "strict" && "retries at boot",
  node.breaker !== undefined && `breaker at ${node.breaker.failures} in ${printDuration(node.breaker.within)}`,
  node.startGate !== undefined && `at most ${node.startGate.rate} starts a second`
]

const readiness = ({ ready, startTimeout }: Worker): string | false => {
  const within = startTimeout === "infinity" ? "" : ` within ${printDuration(startTimeout)}`
  switch (ready.type) {
    case "spawned":
      return within !== "" && `started${within}`
    case "exited":
      return `ready when done${within}`
    case "line":
      return `ready on /${ready.pattern}/${within}`
    case "fd":
      return `ready on fd ${ready.fd}${within}`
    case "notify":
      return `ready on sd_notify${within}`
    default:
      return `ready on ${describeCheck(ready)}${within}`
  }
}

const logging = (logs: false | Logs): string => {
  if (logs === false) return "without logs"
  const total = logs.total === undefined ? "" : `, ${printSize(logs.total)} in all`
  const age = logs.maxAge === undefined ? "" : `, each of at most ${printDuration(logs.maxAge)}`
  const drops = logs.whenFull === "drop" ? ", drops when full" : ""
  return `logs ${logs.keep} × ${printSize(logs.size)}${total}${age}${logs.compress ? "" : ", not compressed"}${drops}`
}

const stopping = ({ shutdown }: ChildCommon, usual: ChildCommon): string | false => {
  if (shutdown === usual.shutdown) return false
  if (shutdown === "brutalKill") return "killed at once"
  return shutdown === "infinity" ? "any time to stop" : `${printDuration(shutdown)} to stop`
}

const backoff = (how: Backoff, usual: Backoff): string => {
  // The usual jitter is that of an exponential backoff; an adaptive one has another.
  const jitter = how.type === "adaptive" || how.jitter === usual.jitter ? "" : `, jitter ${how.jitter}`
  return `waits ${sayDelays(how, printDuration)}${jitter}`
}

/** Taken from the schema, so that defaults are written in one place only. */
const defaultsOf = ({ type }: Child): Child => (defaults ??= readDefaults())[type]
let defaults: Record<Child["type"], Child> | undefined
const readDefaults = (): Record<Child["type"], Child> => {
  const worker = Result.getOrThrow(decodeChildResult({ type: "worker", id: "a", start: ["a"] }, { path: "/", kind: "supervisor" }))
  const pool = decodeTreeOrThrow({ type: "pool", id: "a", size: 1, child: { type: "worker", id: "a", start: ["a"] } })
  const supervisor = decodeTreeOrThrow({ type: "supervisor", id: "a", children: [] })
  return { worker, pool, supervisor }
}

const same = (a: unknown, b: unknown): boolean =>
  JSON.stringify(Object.entries(a as object).sort()) === JSON.stringify(Object.entries(b as object).sort())

/** Quoted as in a shell. */
const word = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/\s+/g, " ").replaceAll("'", "'\\''")}'`)

const LONGEST_COMMAND = 60
const shortened = (command: string): string => (command.length <= LONGEST_COMMAND ? command : `${command.slice(0, LONGEST_COMMAND - 1)}…`)

/** `/shop  intensity: if its 8 children all fail once …` */
export const describeFinding = ({ path, key, because, advice }: Finding): string => `${path}  ${key}: ${because} ${advice}`
