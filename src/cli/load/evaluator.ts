/** Runs the evaluator as a process group of its own, with limits of time and size, and leaves nothing of it behind. */
import { type ChildProcess, spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { dirname, extname } from "node:path"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import { kill } from "../../leaf/os/kill.ts"
import { printDuration } from "../../tree/duration.ts"
import { ANSWER_FD, type Answer, EVALUATION, UNANSWERED } from "./Answer.ts"
import { endLeftovers } from "./leftovers.ts"
import { readAnswer } from "./readAnswer.ts"

/** The default for how long evaluating a tree file may take. */
const DEFAULT_TIMEOUT_MS = 10_000
/** The largest tree, as JSON. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
/** How many characters of a tree file's output are kept: the last ones. */
const MAX_PRINTED_CHARS = 16 * 1024
/** A grandchild that left the process group may keep our pipes open; they are read for this long. */
const CLOSE_TIMEOUT_MS = 1000

export interface LoadOptions {
  /** Whether to find the lines on which the nodes are written, which takes some 25 ms. Default false. */
  readonly lines?: boolean
  /** Passed to a tree file that exports a function. */
  readonly tier?: string | undefined
  /** How long evaluating a tree file may take, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined
}

interface Evaluation {
  readonly answer: Answer
  /** What the file wrote to stdout and stderr. */
  readonly printed: string
}

const flags = ["--disable-warning=ExperimentalWarning", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"]

/** Never fails: every failure is an answer. Interrupting it kills the process group. */
export const evaluate = (file: string, { lines = false, tier, timeoutMs = DEFAULT_TIMEOUT_MS }: LoadOptions): Effect.Effect<Evaluation> =>
  Effect.callback((resume) => {
    const evaluator = fileURLToPath(new URL(`./evaluatorProcess${extname(import.meta.url)}`, import.meta.url))
    const parameters = [file, lines ? "lines" : "", ...(tier === undefined ? [] : [tier])]
    const mark = randomUUID()
    const child = spawn(process.execPath, [...flags, evaluator, ...parameters], {
      cwd: dirname(file),
      env: { ...process.env, [EVALUATION]: mark },
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"]
    })
    const printed = tail([child.stdout!, child.stderr!])
    let outcome: Answer | undefined
    let closeTimer: NodeJS.Timeout | undefined
    const finish = () => {
      clearTimeout(closeTimer)
      for (const stream of child.stdio) stream?.destroy()
      resume(Effect.succeed({ answer: outcome!, printed: printed() }))
    }
    /** The first answer counts. Finishes when the process is gone and its output is read to the end. */
    const settle = (answer: Answer) => {
      if (outcome !== undefined) return
      outcome = answer
      clearTimeout(limit)
      killGroup(child)
      if (child.pid === undefined) return finish()
      // When it has ended, it starts no more processes.
      if (ended(child)) endLeftovers(mark)
      else child.once("exit", () => endLeftovers(mark))
      child.once("close", finish)
      closeTimer = setTimeout(finish, CLOSE_TIMEOUT_MS)
    }
    const failed = (because: string) => settle({ _tag: "Failed", because })

    const limit = setTimeout(() => failed(`it did not answer within ${printDuration(timeoutMs)} and was killed.`), timeoutMs)
    child.once("error", (error) => settle({ _tag: "Failed", because: `Node could not be started to read it: ${error.message}.` }))
    const withoutAnswer = () => {
      if (ended(child)) failed(endOf(child))
      else child.once("exit", () => failed(endOf(child)))
    }
    hearAnswer(child.stdio[ANSWER_FD] as Readable, settle, withoutAnswer)
    return Effect.sync(() => {
      clearTimeout(limit)
      clearTimeout(closeTimer)
      killGroup(child)
      endLeftovers(mark)
    })
  })

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/** The leader and everything it started. A failed spawn has no pid. */
const killGroup = ({ pid }: ChildProcess): void => {
  if (pid !== undefined) kill(pid, "group", "SIGKILL")
}

/** Reads one line of JSON rather than to the end of the stream, which a grandchild could hold open. */
const hearAnswer = (stream: Readable, settle: (answer: Answer) => void, withoutAnswer: () => void): void => {
  const parts: Array<Buffer> = []
  let size = 0
  stream.on("data", (part: Buffer) => {
    parts.push(part)
    size += part.length
    if (part.at(-1) === NEWLINE) settle(readAnswer(Buffer.concat(parts).toString()))
    else if (size > MAX_ANSWER_BYTES) settle({ _tag: "Failed", because: `it exports more than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB.` })
  })
  stream.on("error", withoutAnswer)
  stream.on("end", withoutAnswer)
}
const NEWLINE = 10

/** How it ended without an answer. */
const endOf = (child: ChildProcess): string => {
  if (child.signalCode !== null) return `it was killed by ${child.signalCode} before it had exported a tree.`
  if (child.exitCode === UNANSWERED) return `it closes descriptor ${ANSWER_FD}, which is reserved for its answer.`
  return `it exits with code ${child.exitCode} instead of exporting a tree.`
}

/** Keeps reading, so that the file never blocks, but keeps only the end. */
const tail = (streams: ReadonlyArray<Readable>): (() => string) => {
  let text = ""
  for (const stream of streams) stream.setEncoding("utf8").on("data", (part: string) => (text = (text + part).slice(-MAX_PRINTED_CHARS)))
  return () => text
}
