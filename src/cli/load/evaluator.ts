/** Runs the evaluator: a process group of its own, with a limit of time and size, of which nothing is left when it is over. */
import { type ChildProcess, spawn } from "node:child_process"
import { dirname, extname } from "node:path"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import { kill } from "../../leaf/os/kill.ts"
import { printDuration } from "../../tree/duration.ts"
import { ANSWER_FD, type Answer } from "./Answer.ts"

/** How long a tree file may take. */
const DEFAULT_TIMEOUT = 10_000
/** The largest tree, as JSON. */
export const MAX_ANSWER = 64 * 1024 * 1024
/** What a tree file prints is kept up to this length. */
const MAX_PRINTED = 16 * 1024
/** A grandchild that has left the process group may keep our pipes open; so long they are still read. */
const LEAVE_TIMEOUT = 1000

export interface LoadOptions {
  /** Whether to find out in which lines the nodes stand, which takes some 25 ms. Default false. */
  readonly lines?: boolean
  /** Handed to a tree file that exports a function. */
  readonly tier?: string | undefined
  /** How long a tree file may take. Default ten seconds. */
  readonly timeoutMs?: number | undefined
}

interface Evaluation {
  readonly answer: Answer
  /** What the file wrote to stdout and stderr. */
  readonly printed: string
}

const flags = ["--disable-warning=ExperimentalWarning", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"]

/** Never fails: every way to go wrong is an answer. Interrupting it ends the process group, too. */
export const evaluate = (file: string, { lines = false, tier, timeoutMs = DEFAULT_TIMEOUT }: LoadOptions): Effect.Effect<Evaluation> =>
  Effect.callback((resume) => {
    const evaluator = fileURLToPath(new URL(`./evaluatorProcess${extname(import.meta.url)}`, import.meta.url))
    const asked = [file, lines ? "lines" : "", ...(tier === undefined ? [] : [tier])]
    const child = spawn(process.execPath, [...flags, evaluator, ...asked], {
      cwd: dirname(file),
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"]
    })
    const printed = tail([child.stdout!, child.stderr!])
    let outcome: Answer | undefined
    let patience: NodeJS.Timeout | undefined
    const finish = () => {
      clearTimeout(patience)
      for (const stream of child.stdio) stream?.destroy()
      resume(Effect.succeed({ answer: outcome!, printed: printed() }))
    }
    /** The first one counts. It is over when the process is gone and its output is read to the end. */
    const settle = (answer: Answer) => {
      if (outcome !== undefined) return
      outcome = answer
      clearTimeout(limit)
      killGroup(child)
      if (child.pid === undefined) return finish()
      child.once("close", finish)
      patience = setTimeout(finish, LEAVE_TIMEOUT)
    }
    const failed = (because: string) => settle({ _tag: "Failed", because })

    const limit = setTimeout(() => failed(`it did not answer within ${printDuration(timeoutMs)}, and was killed.`), timeoutMs)
    child.once("error", (error) => settle({ _tag: "Failed", because: `Node could not be started to read it: ${error.message}.` }))
    const withoutAnswer = () => {
      if (ended(child)) failed(lastWords(child))
      else child.once("exit", () => failed(lastWords(child)))
    }
    readAnswer(child.stdio[ANSWER_FD] as Readable, settle, withoutAnswer)
    return Effect.sync(() => {
      clearTimeout(limit)
      clearTimeout(patience)
      killGroup(child)
    })
  })

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/** The leader and all that it has started. A failed spawn has no pid. */
const killGroup = ({ pid }: ChildProcess): void => {
  if (pid !== undefined) kill(pid, "group", "SIGKILL")
}

/** One line of JSON, and no end of the stream: a grandchild could hold it open. */
const readAnswer = (stream: Readable, settle: (answer: Answer) => void, withoutAnswer: () => void): void => {
  const parts: Array<Buffer> = []
  let size = 0
  stream.on("data", (part: Buffer) => {
    parts.push(part)
    size += part.length
    if (part.at(-1) === newline) settle(parsed(Buffer.concat(parts)))
    else if (size > MAX_ANSWER) settle({ _tag: "Failed", because: `it exports more than ${MAX_ANSWER / 1024 / 1024} MiB.` })
  })
  stream.on("error", withoutAnswer)
  stream.on("end", withoutAnswer)
}
const newline = 10

const parsed = (bytes: Buffer): Answer => {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return { _tag: "Failed", because: `it writes to descriptor ${ANSWER_FD}, where only its answer may go.` }
  }
}

/** How it ended without an answer. */
const lastWords = (child: ChildProcess): string => {
  if (child.signalCode !== null) return `it was killed by ${child.signalCode} before it had exported a tree.`
  return `it exits with code ${child.exitCode} instead of exporting a tree.`
}

/** Reads on, so that the file is not blocked, but keeps only the last of it. */
const tail = (streams: ReadonlyArray<Readable>): (() => string) => {
  let text = ""
  for (const stream of streams) stream.setEncoding("utf8").on("data", (part: string) => (text = (text + part).slice(-MAX_PRINTED)))
  return () => text
}
