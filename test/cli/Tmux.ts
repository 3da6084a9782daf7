/** A real terminal with one program in it: tmux, with a server of its own. */
import { execFileSync, spawnSync } from "node:child_process"
import { join } from "node:path"

export const hasTmux = spawnSync("tmux", ["-V"]).status === 0
export const needsTmux = "It takes tmux, `apt-get install tmux`."

interface Options {
  readonly columns: number
  readonly rows: number
  /** The environment of the program, besides what tmux sets. */
  readonly env: NodeJS.ProcessEnv
}

export class Tmux {
  private readonly socket: string

  /** `command` is for a shell. When it has ended, the terminal stays open to be looked at. */
  constructor(folder: string, command: string, { columns, rows, env }: Options) {
    this.socket = join(folder, "tmux")
    const size = ["-x", String(columns), "-y", String(rows)]
    // The shell survives Ctrl-C, which goes to every process in the terminal.
    const script = `unset TMUX TMUX_PANE; trap : INT; ${command}; echo "ended with $?"; exec sleep 1000`
    execFileSync("tmux", ["-S", this.socket, "-f", "/dev/null", "new-session", "-d", ...size, "sh", "-c", script], { env })
    this.tmux("set-option", "-g", "status", "off")
  }

  tmux(...args: ReadonlyArray<string>): string {
    return execFileSync("tmux", ["-S", this.socket, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
  }

  /** The visible lines, without empty ones at the end. */
  screen(...more: ReadonlyArray<string>): ReadonlyArray<string> {
    return this.tmux("capture-pane", "-p", ...more)
      .trimEnd()
      .split("\n")
  }

  /** All lines there ever were, unwrapped. */
  scrollback(): ReadonlyArray<string> {
    return this.screen("-J", "-S", "-").map((line) => line.trimEnd())
  }

  press(key: string): void {
    this.tmux("send-keys", key)
  }

  resize(columns: number, rows: number): void {
    this.tmux("resize-window", "-x", String(columns), "-y", String(rows))
  }

  get cursorIsVisible(): boolean {
    return this.tmux("display-message", "-p", "#{cursor_flag}").trim() === "1"
  }

  /** Also ends everything that runs in it. */
  close(): void {
    spawnSync("tmux", ["-S", this.socket, "kill-server"])
  }
}
