/** Small native programs of test/fixtures/runtime, built if there is a compiler. */
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"

export const hasCc = ((): boolean => {
  try {
    execFileSync("cc", ["--version"])
    return true
  } catch {
    return false
  }
})()

/** Tests that need a compiler are left out if there is none, unless everything is required. */
export const withoutCc = !hasCc && process.env.REQUIRE_ALL !== "1"
if (withoutCc) console.log("Left out: what needs a program in C, as there is no cc (apt-get install gcc libc6-dev).")

let lab: string | undefined
/** The program of this name, built once in each test file. */
export function native(name: string): string {
  lab ??= mkdtempSync(join(tmpdir(), "supervise-native-"))
  const program = join(lab, name)
  if (existsSync(program)) return program
  execFileSync("cc", ["-O1", "-Wall", "-Werror", "-o", program, join(import.meta.dirname, `../fixtures/runtime/${name}.c`)])
  return program
}

afterAll(() => {
  if (lab !== undefined) rmSync(lab, { recursive: true, force: true })
})
