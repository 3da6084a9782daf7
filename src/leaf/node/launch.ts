/** Starts the process of a command, and checks first what Node would not. */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync } from "node:fs"
import { Socket } from "node:net"
import { notifyFd } from "../os/environment.ts"
import type { SpawnCommand } from "../Spawner.ts"
import { blockingRead, type PipeStock } from "./pipes.ts"

/** A process, or what Node returns for one that could not be started: a child without a pid, which emits its error. */
export interface Launched {
  readonly child: ChildProcess
  readonly stdout: Socket
  readonly stderr: Socket
  /** Closes what only the process needs from us. */
  readonly close: () => void
}

/**
 * Throws, or answers a child without a pid that emits its error later: Node does either, depending on the errno.
 *
 * The child leads its own session and group, so a stop reaches all of it, and Ctrl-C on our terminal none of it.
 */
export function launch(command: SpawnCommand, env: NodeJS.ProcessEnv, pipes: PipeStock): Launched {
  const [file, ...args] = command.argv
  const ends = new Ends(pipes)
  try {
    const stdin = command.stdin === "pipe" ? ends.toRead() : "ignore"
    const stdio: Array<"ignore" | "pipe" | number> = [stdin, ends.toWrite("stdout"), ends.toWrite("stderr")]
    const fd = notifyFd(command)
    if (fd !== undefined) {
      // The descriptors in between stay closed: from 3 on, "ignore" opens nothing.
      while (stdio.length < fd) stdio.push("ignore")
      stdio.push("pipe")
    }
    const child = spawn(file, args, { cwd: command.cwd, env, detached: true, stdio })
    return { child, stdout: ends.stream("stdout", child), stderr: ends.stream("stderr", child), close: () => ends.closeStdin() }
  } catch (error) {
    ends.closeOurs()
    throw error
  } finally {
    ends.closeTheirs()
  }
}

/** The ends of the pipes of one process: its own, which we close once it has them, and ours. */
class Ends {
  private readonly pipes: PipeStock
  private readonly ours = new Map<"stdout" | "stderr", number>()
  private readonly theirs: Array<number> = []
  private stdin: number | undefined = undefined

  constructor(pipes: PipeStock) {
    this.pipes = pipes
  }

  /** Nobody writes to it, and it ends when the process has ended, or we have. */
  toRead(): number | "pipe" {
    const pipe = this.pipes.take()
    if (pipe === undefined) return "pipe"
    this.theirs.push(pipe.read)
    this.stdin = pipe.write
    const end = blockingRead(pipe)
    this.theirs.push(end)
    return end
  }

  toWrite(name: "stdout" | "stderr"): number | "pipe" {
    const pipe = this.pipes.take()
    if (pipe === undefined) return "pipe"
    this.ours.set(name, pipe.read)
    this.theirs.push(pipe.write)
    return pipe.write
  }

  stream(name: "stdout" | "stderr", child: ChildProcess): Socket {
    const fd = this.ours.get(name)
    return fd === undefined ? (child[name] as Socket) : new Socket({ fd, readable: true, writable: false })
  }

  closeTheirs(): void {
    for (const fd of this.theirs) closeSync(fd)
  }

  closeOurs(): void {
    for (const fd of this.ours.values()) closeSync(fd)
    this.closeStdin()
  }

  closeStdin(): void {
    if (this.stdin !== undefined) closeSync(this.stdin)
    this.stdin = undefined
  }
}
