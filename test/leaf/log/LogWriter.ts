/** Writes the files of a log as the keeper does, and does to them what keeper and brain may do meanwhile. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import type { LogStream } from "../../../src/leaf/log/entry.ts"

const BEGIN = Date.UTC(2025, 10, 27, 9, 40)
const stamp = (tick: number): string => new Date(BEGIN + tick).toISOString().replace("Z", "123456Z")

export class LogWriter {
  readonly folder: string
  private readonly path: string
  /** The time of the next entry, in milliseconds. */
  tick: number

  constructor(root: string, path: string, tick = 0) {
    this.folder = join(root, path)
    this.path = path
    this.tick = tick
    mkdirSync(this.folder, { recursive: true })
    writeFileSync(this.current, "")
  }

  private get current(): string {
    return join(this.folder, "current.log")
  }

  entry(stream: LogStream, tag: "F" | "P", text: string | Buffer): void {
    this.raw(Buffer.concat([Buffer.from(`${stamp(this.tick++)} ${stream} ${tag} `), Buffer.from(text), Buffer.from("\n")]))
  }

  raw(bytes: string | Buffer): void {
    appendFileSync(this.current, bytes)
  }

  line(text: string | Buffer, stream: LogStream = "stdout"): void {
    this.entry(stream, "F", text)
  }

  begin(incarnation: number, pid = 7): void {
    this.line(`--- ${this.path}: incarnation ${incarnation} begins, pid ${pid} ---`, "stderr")
  }

  end(incarnation: number, how = "with code 0"): void {
    this.line(`--- ${this.path}: incarnation ${incarnation} ended ${how} ---`, "stderr")
  }

  gap(lines: number, bytes: number): void {
    this.line(`--- ${lines} lines (${bytes} bytes) are missing here, as the log could not be written ---`, "stderr")
  }

  rotate(): void {
    renameSync(this.current, join(this.folder, `${stamp(this.tick++).replace(/:/g, "-")}.log`))
    writeFileSync(this.current, "")
  }

  get rotated(): ReadonlyArray<string> {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith("Z.log"))
      .sort()
  }

  compress(name: string): void {
    writeFileSync(join(this.folder, `${name}.gz`), gzipSync(readFileSync(join(this.folder, name))))
    rmSync(join(this.folder, name))
  }

  removeOldest(): void {
    const [oldest] = readdirSync(this.folder).sort()
    if (oldest !== undefined && oldest !== "current.log") rmSync(join(this.folder, oldest))
  }
}
