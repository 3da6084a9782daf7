/**
 * Has what a command is made of changed, its program or a file among its arguments? Whoever waits for a start that has failed again and again
 * need not wait any longer then: somebody may have mended it.
 *
 * We look twice a second at a handful of files, and only while somebody waits: watches miss what is replaced, mounted or remote.
 */
import { statSync } from "node:fs"
import { delimiter, resolve } from "node:path"

const LOOK_EVERY_MS = 500
/** Of a command with more arguments the first ones are looked at. */
const MOST_FILES = 16

interface Command {
  readonly argv: ReadonlyArray<string>
  /** Absolute. */
  readonly cwd: string
  /** Where programs are. */
  readonly path: string | undefined
}

export class Changes {
  private readonly files: ReadonlyArray<string>
  private readonly onChange: () => void
  private readonly timer: NodeJS.Timeout
  private marks: ReadonlyArray<string>
  private hasChanged = false

  /** `onChange` is called once, when something has changed and stands still again. */
  constructor(command: Command, onChange: () => void) {
    this.files = filesOf(command)
    this.onChange = onChange
    this.marks = this.files.map(mark)
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref()
  }

  close(): void {
    clearInterval(this.timer)
  }

  private look(): void {
    const marks = this.files.map(mark)
    const moves = marks.some((one, n) => one !== this.marks[n])
    this.marks = marks
    if (moves) this.hasChanged = true
    if (moves || !this.hasChanged) return
    this.close()
    this.onChange()
  }
}

/** The program, wherever it may be or come to be; and what among its arguments is a file, or is called like one. */
function filesOf({ argv, cwd, path = "" }: Command): ReadonlyArray<string> {
  const [program = "", ...rest] = argv
  const places = program.includes("/") ? [resolve(cwd, program)] : path.split(delimiter).map((folder) => resolve(cwd, folder, program))
  const there = places.findIndex((place) => mark(place) !== "")
  const isFile = (text: string): boolean => !text.startsWith("-") && (mark(resolve(cwd, text)) !== "" || /^[\w./-]+\.\w+$/.test(text))
  const files = rest.filter((text) => text !== "" && text.length < 1024 && isFile(text)).map((text) => resolve(cwd, text))
  return [...(there < 0 ? places : places.slice(0, there + 1)), ...files.slice(0, MOST_FILES)]
}

/** Empty where there is no such file. */
function mark(path: string): string {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stat?.isFile() === true ? `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs}` : ""
  } catch {
    return ""
  }
}
