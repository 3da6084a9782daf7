/** Every compiler that is here takes the keeper without a warning, and gcc's analyzer finds nothing in it. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, expect, test } from "vitest"
import { isThere } from "../runtime/processes.ts"

const SOURCES = resolve(import.meta.dirname, "../../keeper")
const STRICT = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O2"]
const TIMEOUT_MS = 180_000

const folder = mkdtempSync(join(tmpdir(), "keeper-warnings-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

for (const [compiler, ...options] of [
  ["gcc", "-fanalyzer"],
  ["clang"],
  ["x86_64-linux-musl-gcc", "-static"],
  ["aarch64-linux-musl-gcc", "-static"]
] as ReadonlyArray<readonly [string, ...Array<string>]>) {
  const without = !isThere(compiler) && process.env.REQUIRE_ALL !== "1"
  if (without) console.log(`Left out: the warnings of ${compiler} about the keeper, as there is none.`)
  test.skipIf(without)(`${[compiler, ...options].join(" ")} has nothing to say`, { timeout: TIMEOUT_MS }, () => {
    const files = readdirSync(SOURCES).filter((name) => name.endsWith(".c"))
    const { status, stderr } = spawnSync(compiler, [...STRICT, ...options, ...files, "-o", join(folder, compiler)], { cwd: SOURCES })
    expect(String(stderr)).toBe("")
    expect(status).toBe(0)
  })
}
