/**
 * A copy of our core that restarts at once the first time, like a kubelet, and waits from the second on: no setting of
 * ours does that.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type * as testing from "../../src/testing.ts"

const OURS = "backoff.initial * backoff.factor ** n"
const THEIRS = "(n === 0 ? 0 : backoff.initial * backoff.factor ** (n - 1))"

const root = resolve(import.meta.dirname, "../..")

/** Calls `then` with it and deletes the copy. The copy is inside the project, so that its imports are found. */
export async function withFirstAtOnce<A>(then: (theirs: typeof testing.simulate) => A): Promise<A> {
  const folder = mkdtempSync(join(root, ".supervise-backoff-"))
  try {
    cpSync(join(root, "src"), folder, { recursive: true })
    const file = join(folder, "core/pacing/Backoff.ts")
    const text = readFileSync(file, "utf8")
    if (text.split(OURS).length !== 2) throw new Error(`"${OURS}" should stand once in core/pacing/Backoff.ts`)
    writeFileSync(file, text.replace(OURS, THEIRS))
    const { simulate } = (await import(pathToFileURL(join(folder, "testing.ts")).href)) as typeof testing
    return then(simulate)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
