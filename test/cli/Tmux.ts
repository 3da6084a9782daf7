/** A real terminal with one program in it: tmux, with a server of its own. */
import { execFileSync, spawnSync } from "node:child_process"
import { join } from "node:path"

export const hasTmux = spawnSync("tmux", ["-V"]).status === 0
export const needsTmux = "It takes tmux, `apt-get install tmux`."

interface Options {
  readonly columns: number
  readonly rows: number
  /** All that the program finds in its environment, besides what tmux says. */
  readonly env: NodeJS.ProcessEnv
}

export class Tmux {
  private readonly socket: string

  /** `command` is for a shell. When it has ended, the terminal stands there for us to look at. */
  constructor(folder: string, command: string, { columns, rows, env }: Options) {
    this.socket = join(folder, "tmux")
    const size = ["-x", String(columns), "-y", String(rows)]
    // The shell lives through a Ctrl-C, which is for everybody in the terminal.
    const script = `unset TMUX TMUX_PANE; trap : INT; ${command}; echo "ended with $?"; exec sleep 1000`
    execFileSync("tmux", ["-S", this.socket, "-f", "/dev/null", "new-session", "-d", ...size, "sh", "-c", script], { env })
    this.ask("set-option", "-g", "status", "off")
  }

  ask(...args: ReadonlyArray<string>): string {
    return execFileSync("tmux", ["-S", this.socket, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
  }

  /** The visible lines, empty ones at the end left out. */
  screen(...more: ReadonlyArray<string>): ReadonlyArray<string> {
    return this.ask("capture-pane", "-p", ...more)
      .trimEnd()
      .split("\n")
  }

  /** All lines there ever were, those that were broken in one piece. */
  scrollback(): ReadonlyArray<string> {
    return this.screen("-J", "-S", "-").map((line) => line.trimEnd())
  }

  press(key: string): void {
    this.ask("send-keys", key)
  }

  resize(columns: number, rows: number): void {
    this.ask("resize-window", "-x", String(columns), "-y", String(rows))
  }

  get cursorIsVisible(): boolean {
    return this.ask("display-message", "-p", "#{cursor_flag}").trim() === "1"
  }

  /** Ends all that runs in it, too. */
  close(): void {
    spawnSync("tmux", ["-S", this.socket, "kill-server"])
  }
}
