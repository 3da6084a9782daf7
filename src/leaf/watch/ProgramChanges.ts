/**
 * Notices when the files of a command change: its program, or a file among its arguments. Then a start that has failed
 * again and again need not wait any longer: it may have been fixed.
 *
 * Twice a second we check a handful of files, and only while something waits: file watches miss what is replaced,
 * mounted or remote. However many wait, there is one timer, and each file is checked once: the ten thousand instances
 * of a pool share theirs.
 */
import { statSync } from "node:fs"
import { delimiter, resolve } from "node:path"

const CHECK_EVERY_MS = 500
/** Only the first arguments are looked at, and only the first files among them. */
const MAX_ARGUMENTS = 256
const MAX_FILES = 16
/** Anything longer is not the name of a program file. */
const MAX_NAME_LENGTH = 1024

interface Command {
  readonly argv: ReadonlyArray<string>
  /** Absolute. */
  readonly cwd: string
  /** PATH, in which the program is searched. */
  readonly path: string
}

interface Waiter {
  readonly files: ReadonlyArray<string>
  readonly onChange: () => void
  fingerprints: ReadonlyArray<string>
  hasChanged: boolean
}

export class ProgramChanges {
  private readonly waiters = new Map<string, Waiter>()
  private timer: NodeJS.Timeout | undefined = undefined
  private recent: Fingerprint | undefined = undefined

  /**
   * Calls `onChange` once, when something has changed and then stopped changing. Replaces an earlier wait of that name.
   */
  await(name: string, command: Command, onChange: () => void): void {
    const fingerprint = this.currentFingerprint()
    const files = filesOf(command, fingerprint)
    this.waiters.set(name, { files, onChange, fingerprints: files.map(fingerprint), hasChanged: false })
    this.timer ??= setInterval(() => this.check(), CHECK_EVERY_MS).unref()
  }

  forget(name: string): void {
    this.waiters.delete(name)
    if (this.waiters.size > 0) return
    clearInterval(this.timer)
    this.timer = undefined
  }

  close(): void {
    for (const name of [...this.waiters.keys()]) this.forget(name)
  }

  private check(): void {
    const fingerprint = cachedFingerprint()
    for (const [name, waiter] of [...this.waiters]) {
      const fingerprints = waiter.files.map(fingerprint)
      const isChanging = fingerprints.some((fingerprint, n) => fingerprint !== waiter.fingerprints[n])
      waiter.fingerprints = fingerprints
      if (isChanging) waiter.hasChanged = true
      if (isChanging || !waiter.hasChanged) continue
      this.forget(name)
      waiter.onChange()
    }
  }

  /** Many waits may begin at one moment; a file that was checked in it is not checked again. */
  private currentFingerprint(): Fingerprint {
    if (this.recent !== undefined) return this.recent
    queueMicrotask(() => {
      this.recent = undefined
    })
    this.recent = cachedFingerprint()
    return this.recent
  }
}

/** Identifies a state of a file; empty if there is no such file. */
type Fingerprint = (path: string) => string

const cachedFingerprint = (): Fingerprint => {
  const cache = new Map<string, string>()
  return (path) => {
    const fingerprint = cache.get(path) ?? fingerprintOf(path)
    cache.set(path, fingerprint)
    return fingerprint
  }
}

/**
 * Every place where the program is or might appear, and the arguments that are files or look like file names.
 */
function filesOf({ argv, cwd, path }: Command, fingerprint: Fingerprint): ReadonlyArray<string> {
  const [program = "", ...rest] = argv.slice(0, MAX_ARGUMENTS)
  const candidates = program.includes("/") ? [resolve(cwd, program)] : path.split(delimiter).map((folder) => resolve(cwd, folder, program))
  const found = candidates.findIndex((candidate) => fingerprint(candidate) !== "")
  const isFile = (text: string): boolean =>
    !text.startsWith("-") && (fingerprint(resolve(cwd, text)) !== "" || /^[\w./-]+\.\w+$/.test(text))
  const files = rest.filter((text) => text !== "" && text.length < MAX_NAME_LENGTH && isFile(text)).map((text) => resolve(cwd, text))
  return [...(found < 0 ? candidates : candidates.slice(0, found + 1)), ...files.slice(0, MAX_FILES)]
}

const fingerprintOf: Fingerprint = (path) => {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stat?.isFile() === true ? `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs}` : ""
  } catch {
    return ""
  }
}
