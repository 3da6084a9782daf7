/** A copy of the whole project, in which one file at a time is changed. The checkout itself is only read. */
import { execFileSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { RandomMutant } from "./Change.ts"
import { applied } from "./changes.ts"

export class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), "supervise-mutants-"))
  private broken: { readonly place: string; readonly text: string } | undefined

  constructor(root: string) {
    for (const file of filesOf(root)) {
      mkdirSync(join(this.folder, dirname(file)), { recursive: true })
      copyFileSync(join(root, file), join(this.folder, file))
    }
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"))
  }

  breakBy(mutant: RandomMutant): void {
    this.heal()
    const place = join(this.folder, mutant.file)
    const text = readFileSync(place, "utf8")
    this.broken = { place, text }
    writeFileSync(place, applied(text, mutant))
  }

  heal(): void {
    if (this.broken !== undefined) writeFileSync(this.broken.place, this.broken.text)
    this.broken = undefined
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Tracked and untracked files, without ignored ones. */
function filesOf(root: string): ReadonlyArray<string> {
  const listed = (...which: ReadonlyArray<string>) =>
    execFileSync("git", ["ls-files", "-z", ...which], { cwd: root, encoding: "utf8" })
      .split("\0")
      .filter(Boolean)
  const gone = new Set(listed("--deleted"))
  return listed("--cached", "--others", "--exclude-standard").filter((file) => !gone.has(file))
}
