/**
 * Checks that a command succeeds.
 *
 * The command leads its own session and group. The group is killed at the timeout, and also when the command itself has
 * ended: a check that leaves something running would do so every few seconds. A process that left the group (`setsid`)
 * is out of our reach.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import type { Readable } from "node:stream"
import { onExit } from "signal-exit"
import { sayDuration } from "../../tree/duration.ts"
import type { ExecCheck } from "../../tree/Probe.ts"
import { childEnvironment } from "../os/environment.ts"
import { kill } from "../os/kill.ts"
import { spawnErrorOf } from "../os/spawnErrors.ts"
import { after } from "../os/timer.ts"
import { MAX_READ, type ProbeResult, quoted, withDeadline } from "./ProbeResult.ts"
import type { RunCheck } from "./ProbeTarget.ts"

/** How long to wait for a process to die of SIGKILL. One that takes longer is stuck in the kernel. */
const DYING_MS = 1_000
/**
 * How long output may still arrive when the command has ended; a process that left the group may hold the pipe for
 * ever.
 */
const DRAIN_MS = 250

/** How much of its output is quoted, in characters. */
const MAX_QUOTED = 200

/** The results say so, as the sentences in which they stand are about the worker. */
const SUBJECT = "the check's command"

const HAS_PROC = existsSync("/proc/self/stat")

export const exec =
  ({ command, codes, timeout }: ExecCheck): RunCheck =>
  (target, signal) =>
    withDeadline({ timeout, signal, onTimeout: () => `${SUBJECT} did not end within ${sayDuration(timeout)}` }, (settle) => {
      const [file, ...args] = command
      const env = { ...childEnvironment(target), SUPERVISE_PID: String(target.pid) }
      const notStarted = (error: unknown): ProbeResult =>
        `the check could not be run: ${spawnErrorOf(error, { argv: command, cwd: target.cwd, env: target.env }, env).message}`
      let child: ChildProcess
      try {
        child = spawn(file, args, { cwd: target.cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] })
      } catch (error) {
        settle(notStarted(error))
        return (done) => done()
      }
      const removeExitHook = killAtExit(child.pid)
      const [out, err] = [beginningOf(child.stdout!), beginningOf(child.stderr!)]
      let cancelDrain = (): void => undefined
      let [isSettled, hasClosed] = [false, false]
      child.once("close", () => {
        hasClosed = true
      })
      child.on("error", (error) => child.pid === undefined && settle(notStarted(error)))
      child.once("exit", (code, endSignal) => {
        removeExitHook()
        killGroup(child.pid)
        if (isSettled) return
        if (code !== null && codes.includes(code)) return settle(undefined)
        // The reason may still be in the pipes.
        const report = () => settle(`${howItEnded(code, endSignal)}${because(err()) || because(out())}`)
        cancelDrain = after(DRAIN_MS, report)
        child.once("close", report)
      })
      return (done) => {
        isSettled = true
        cancelDrain()
        killAll(child, hasClosed, done)
      }
    })

const howItEnded = (code: number | null, endSignal: string | null): string =>
  `${SUBJECT} ${endSignal === null ? `exited with code ${code}` : `was killed by ${endSignal}`}`

/** The first line that is not blank. */
const because = (text: string): string => {
  const line = text.split("\n").find((text) => text.trim() !== "")
  return line === undefined ? "" : `: ${quoted(line, MAX_QUOTED).slice(1, -1)}`
}

/** Reads everything, so that the command never blocks, and keeps the beginning. */
const beginningOf = (stream: Readable): (() => string) => {
  const chunks: Array<Buffer> = []
  let length = 0
  stream.on("data", (chunk: Buffer) => {
    if (length < MAX_READ) chunks.push(chunk.subarray(0, MAX_READ - length))
    length += chunk.length
  })
  stream.on("error", () => undefined)
  return () => Buffer.concat(chunks).toString("utf8")
}

/** A session of its own gets no signal when we end, and a command that hangs would stay for ever. */
const killAtExit = (pid: number | undefined): (() => void) =>
  pid === undefined ? () => undefined : onExit(() => void kill(pid, "group", "SIGKILL"))

/** The command has been waited for: its number is the group's only while no process has it. */
const killGroup = (pid: number | undefined): void => {
  if (pid === undefined || (HAS_PROC && existsSync(`/proc/${pid}`))) return
  kill(pid, "group", "SIGKILL")
}

/**
 * Sends SIGKILL to the group if it runs. Calls `done` when the command has been waited for and its pipes are closed.
 */
const killAll = (child: ChildProcess, hasClosed: boolean, done: () => void): void => {
  // Node frees its process handle at the end of the turn in which it reports the exit, before the immediates of the
  // next turn.
  const finish = (): void => {
    cancel()
    child.off("close", finish)
    setImmediate(() => setImmediate(done))
  }
  const cancel = after(DYING_MS, () => {
    child.unref()
    finish()
  })
  if (hasClosed) return finish()
  child.once("close", finish)
  for (const stream of [child.stdout, child.stderr]) stream?.destroy()
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) kill(child.pid, "group", "SIGKILL")
}
