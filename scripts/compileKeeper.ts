/** Compiles the keeper: for the machine of a clone, and for the machines that the package is prebuilt for. */
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, renameSync } from "node:fs"
import { dirname, join, resolve } from "node:path"

export const sources = resolve(import.meta.dirname, "../keeper")

export const files = (): ReadonlyArray<string> =>
  readdirSync(sources)
    .filter((name) => /\.[ch]$/.test(name))
    .map((name) => join(sources, name))

/** Makes the program, or answers why not. */
export function compile(compiler: string, options: ReadonlyArray<string>, program: string): string | undefined {
  mkdirSync(dirname(program), { recursive: true })
  const code = files().filter((name) => name.endsWith(".c"))
  // One that runs keeps its file, and nobody sees half of a new one.
  const made = `${program}.${process.pid}`
  const args = ["-std=c11", "-Wall", "-Wextra", "-O2", ...options, "-o", made, ...code]
  const { error, status } = spawnSync(compiler, args, { stdio: ["ignore", 2, 2] })
  if (status === 0) return void renameSync(made, program)
  const isMissing = (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT"
  return isMissing ? `there is no C compiler ${compiler}` : `${compiler} could not compile it`
}
