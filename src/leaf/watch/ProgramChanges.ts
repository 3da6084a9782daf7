/**
 * Has what a command is made of changed, its program or a file among its arguments? Whoever waits for a start that has failed again and again
 * need not wait any longer then: somebody may have mended it.
 *
 * We look twice a second at a handful of files, and only while somebody waits: watches miss what is replaced, mounted or remote. However many
 * wait, there is one timer, and each file is looked at once: ten thousand instances of a pool are made of the same.
 */
import { statSync } from "node:fs"
import { delimiter, resolve } from "node:path"

const LOOK_EVERY_MS = 500
/** Of a command with more arguments the first ones are looked at; and of their files the first ones. */
const MOST_ARGUMENTS = 256
const MOST_FILES = 16
/** Nothing so long is the name of a file of a program. */
const LONGEST_NAME = 1024

interface Command {
  readonly argv: ReadonlyArray<string>
  /** Absolute. */
  readonly cwd: string
  /** Where programs are. */
  readonly path: string | undefined
}

interface Awaited {
  readonly files: ReadonlyArray<string>
  readonly onChange: () => void
  marks: ReadonlyArray<string>
  hasChanged: boolean
}

export class ProgramChanges {
  private readonly waiting = new Map<string, Awaited>()
  private timer: NodeJS.Timeout | undefined = undefined
  private looked: Look | undefined = undefined

  /** `onChange` is called once, when something has changed and stands still again. `name` waits for this, and nothing else, from now on. */
  await(name: string, command: Command, onChange: () => void): void {
    const look = this.now()
    const files = filesOf(command, look)
    this.waiting.set(name, { files, onChange, marks: files.map(look), hasChanged: false })
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref()
  }

  forget(name: string): void {
    this.waiting.delete(name)
    if (this.waiting.size > 0) return
    clearInterval(this.timer)
    this.timer = undefined
  }

  close(): void {
    for (const name of [...this.waiting.keys()]) this.forget(name)
  }

  private look(): void {
    const look = lookOnce()
    for (const [name, one] of [...this.waiting]) {
      const marks = one.files.map(look)
      const moves = marks.some((mark, n) => mark !== one.marks[n])
      one.marks = marks
      if (moves) one.hasChanged = true
      if (moves || !one.hasChanged) continue
      this.forget(name)
      one.onChange()
    }
  }

  /** Many begin to wait at one moment; what has been seen in it is not looked at again. */
  private now(): Look {
    if (this.looked !== undefined) return this.looked
    queueMicrotask(() => {
      this.looked = undefined
    })
    this.looked = lookOnce()
    return this.looked
  }
}

/** Tells one state of a file from another; empty where there is no such file. */
type Look = (path: string) => string

const lookOnce = (): Look => {
  const seen = new Map<string, string>()
  return (path) => {
    const known = seen.get(path) ?? mark(path)
    seen.set(path, known)
    return known
  }
}

/** The program, wherever it may be or come to be; and what among its arguments is a file, or is called like one. */
function filesOf({ argv, cwd, path = "" }: Command, look: Look): ReadonlyArray<string> {
  const [program = "", ...rest] = argv.slice(0, MOST_ARGUMENTS)
  const places = program.includes("/") ? [resolve(cwd, program)] : path.split(delimiter).map((folder) => resolve(cwd, folder, program))
  const there = places.findIndex((place) => look(place) !== "")
  const isFile = (text: string): boolean => !text.startsWith("-") && (look(resolve(cwd, text)) !== "" || /^[\w./-]+\.\w+$/.test(text))
  const files = rest.filter((text) => text !== "" && text.length < LONGEST_NAME && isFile(text)).map((text) => resolve(cwd, text))
  return [...(there < 0 ? places : places.slice(0, there + 1)), ...files.slice(0, MOST_FILES)]
}

const mark: Look = (path) => {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stat?.isFile() === true ? `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs}` : ""
  } catch {
    return ""
  }
}
