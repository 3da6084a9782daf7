/**
 * Does a command end well?
 *
 * It leads a session and a group of its own, and that group is killed when its time is over, and also when the command itself has ended: a
 * check that leaves something running would do so every few seconds. What has left the group (`setsid`) is out of our reach.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import type { Readable } from "node:stream"
import { onExit } from "signal-exit"
import { sayDuration } from "../../tree/duration.ts"
import type { ExecCheck } from "../../tree/Probe.ts"
import { environmentOf } from "../node/launch.ts"
import { kill } from "../os/kill.ts"
import { spawnErrorOf } from "../os/spawnErrors.ts"
import { after } from "../os/timer.ts"
import { MOST_READ, type ProbeResult, quoted, withDeadline } from "./ProbeResult.ts"
import type { RunCheck } from "./ProbeTarget.ts"

/** A process that does not die of SIGKILL within this time is not waited for: the kernel holds it. */
const DYING_MS = 1_000
/** How long output may still come when the command has ended; what left the group may hold the pipe for ever. */
const DRAIN_MS = 250

/** So much of why it failed is told. */
const MOST_TOLD = 200

const HAS_PROC = existsSync("/proc/self/stat")

export const exec =
  ({ command, codes, timeout }: ExecCheck): RunCheck =>
  (target, signal) =>
    withDeadline({ timeout, signal, late: () => `did not end within ${sayDuration(timeout)}` }, (settle) => {
      const [file, ...args] = command
      const env = { ...environmentOf(target), SUPERVISE_PID: String(target.pid) }
      const couldNot = (error: unknown): ProbeResult =>
        `could not be started: ${spawnErrorOf(error, { argv: command, cwd: target.cwd, env: target.env }, env).message}`
      let child: ChildProcess
      try {
        child = spawn(file, args, { cwd: target.cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] })
      } catch (error) {
        settle(couldNot(error))
        return (gone) => gone()
      }
      const forget = killAtExit(child.pid)
      const [out, err] = [beginning(child.stdout!), beginning(child.stderr!)]
      let cancelDrain = (): void => undefined
      let [isOver, hasClosed] = [false, false]
      child.once("close", () => {
        hasClosed = true
      })
      child.on("error", (error) => child.pid === undefined && settle(couldNot(error)))
      child.once("exit", (code, ended) => {
        forget()
        killRest(child.pid)
        if (isOver) return
        if (code !== null && codes.includes(code)) return settle(undefined)
        // Why it failed may still be in the pipes.
        const say = () => settle(`${howItEnded(code, ended)}${because(err()) || because(out())}`)
        cancelDrain = after(DRAIN_MS, say)
        child.once("close", say)
      })
      return (gone) => {
        isOver = true
        cancelDrain()
        end(child, hasClosed, gone)
      }
    })

const howItEnded = (code: number | null, ended: string | null): string =>
  ended === null ? `exited with code ${code}` : `was ended by ${ended}`
/** The first line that says something. */
const because = (text: string): string => {
  const line = text.split("\n").find((one) => one.trim() !== "")
  return line === undefined ? "" : `: ${quoted(line, MOST_TOLD).slice(1, -1)}`
}

/** Reads all there is, so that nobody waits for us, and keeps the beginning. */
const beginning = (stream: Readable): (() => string) => {
  const chunks: Array<Buffer> = []
  let length = 0
  stream.on("data", (chunk: Buffer) => {
    if (length < MOST_READ) chunks.push(chunk.subarray(0, MOST_READ - length))
    length += chunk.length
  })
  stream.on("error", () => undefined)
  return () => Buffer.concat(chunks).toString("utf8")
}

/** Who leads a session of its own is not told when we end; and a command that hangs would be there for ever. */
const killAtExit = (pid: number | undefined): (() => void) =>
  pid === undefined ? () => undefined : onExit(() => void kill(pid, "group", "SIGKILL"))

/** The command has been waited for: its number is the group's only as long as no process has it. */
const killRest = (pid: number | undefined): void => {
  if (pid === undefined || (HAS_PROC && existsSync(`/proc/${pid}`))) return
  kill(pid, "group", "SIGKILL")
}

/** SIGKILL to all of it, if it runs; `gone` when it has been waited for, and its pipes are closed. */
const end = (child: ChildProcess, hasClosed: boolean, gone: () => void): void => {
  // Node gives its handle of the process back at the end of the turn in which it tells the end, and so before the next turn's immediates.
  const released = (): void => {
    cancel()
    child.off("close", released)
    setImmediate(() => setImmediate(gone))
  }
  const cancel = after(DYING_MS, () => {
    child.unref()
    released()
  })
  if (hasClosed) return released()
  child.once("close", released)
  for (const stream of [child.stdout, child.stderr]) stream?.destroy()
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) kill(child.pid, "group", "SIGKILL")
}
