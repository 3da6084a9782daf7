/** Commands, variables, folders and files in which something is written that only a shell would replace. */
import type { Check, HeartbeatSource } from "../../tree/Probe.ts"
import type { Worker } from "../../tree/Spec.ts"
import type { Remark } from "./Finding.ts"

/** A program and its arguments, and the key under which they are written. */
interface Command {
  readonly key: string
  readonly argv: ReadonlyArray<string>
}

/** Every command of a worker: its own, and those of its checks. */
export const commandsOf = (worker: Worker): ReadonlyArray<Command> => [
  { key: "start", argv: worker.start },
  ...checksOf(worker).flatMap(({ key, check }) => (check.type === "exec" ? [{ key: `${key}.command`, argv: check.command }] : []))
]

/** Every check of a worker, and the key under which it is written. */
export const checksOf = ({ ready, health, heartbeat }: Worker) => [
  ...("timeout" in ready ? [{ key: "ready", check: ready as Check }] : []),
  ...health.map((check: Check, n) => ({ key: health.length === 1 ? "health" : `health[${n}]`, check })),
  ...(heartbeat === undefined ? [] : [{ key: "heartbeat.from", check: heartbeat.from as Check | HeartbeatSource }])
]

/** What is written for a shell, and reaches the program, the system or the check as it stands. */
export function isNotReplaced(worker: Worker): ReadonlyArray<Remark> {
  return [
    ...commandsOf(worker).flatMap(({ key, argv }) => inArguments(key, argv)),
    ...Object.entries(worker.env).flatMap(([name, value]) => (isText(name) ? [] : found(`env.${name}`, value ?? ""))),
    ...found("cwd", worker.cwd),
    ...checksOf(worker).flatMap(({ key, check }) => {
      if (check.type === "file" || check.type === "unix") return found(`${key}.path`, check.path)
      return check.type === "http" ? found(`${key}.socket`, check.socket ?? "") : []
    })
  ]
}

/**
 * After one of these, an argument may mean anything: they run what they are given, here or elsewhere, or replace it.
 */
const READERS =
  /^(?:.*\/)?(?:(?:ba|da|z|k|c|tc|fi|a)?sh|busybox|env|envsubst|eval|ssh|su|sudo|docker|podman|kubectl|jq|yq|[gmn]?awk|perl|php|make|xargs|expect)$/

function inArguments(key: string, argv: ReadonlyArray<string>): ReadonlyArray<Remark> {
  const reader = argv.findIndex((word) => READERS.test(word))
  return argv.slice(0, reader < 0 ? argv.length : reader).flatMap((word, n) => {
    // A text with spaces, quotes or brackets is a program or a template, for what gets it.
    return /[\s"'`;|()[\]<>]/.test(word) ? [] : found(`${key}[${n}]`, word)
  })
}

/** Variables that hold what is read by a shell or is no text to be shown. */
const isText = (name: string): boolean =>
  /COMMAND|CMD|EDITOR|PAGER|PROMPT|^PS\d|ENV$|TEMPLATE|FORMAT|PATTERN|PASS|SECRET|TOKEN|KEY/i.test(name)

/** `$HOME`, `${PORT}`: in capitals, as variables of the environment are; other words are usually placeholders. */
const VARIABLE = /(?<![\w$\\])\$(?:\{[A-Z_][A-Z0-9_]*\}|[A-Z_][A-Z0-9_]*(?![\w($]))/
/** The home folder, at the beginning of a path: alone, as the value of an option, or in a list of folders. */
const HOME = /(?:^|^[\w-]+=|:)(~)(?=\/|$)/

function found(key: string, text: string): ReadonlyArray<Remark> {
  const variable = VARIABLE.exec(text)?.[0]
  const written = variable ?? HOME.exec(text)?.[1]
  if (written === undefined) return []
  const because = `${JSON.stringify(written)} is taken as it stands: no shell replaces it.`
  const value = variable === undefined ? "process.env.HOME" : `process.env.${variable.replace(/[${}]/g, "")}`
  const shell = key.startsWith("start[") ? `, or run a shell: ["sh", "-c", "exec …"]` : ""
  return [{ key, because, advice: `Write what it stands for, which a tree.ts finds in ${value}${shell}.` }]
}
