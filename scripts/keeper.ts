/**
 * Builds the keeper in a clone, into keeper/build, with the C compiler of the machine: `npm run keeper`, and a part of
 * `npm ci`. It takes two seconds. Where there is no compiler it says so, and trees run without a keeper.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, renameSync, statSync } from "node:fs"
import { join, resolve } from "node:path"

const sources = resolve(import.meta.dirname, "../keeper")
const program = join(sources, "build/keeper")

const changed = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
const files = readdirSync(sources).filter((name) => /\.[ch]$/.test(name))
const isNew = changed(program) > Math.max(changed(sources), ...files.map((name) => changed(join(sources, name))))

function build(): void {
  mkdirSync(join(sources, "build"), { recursive: true })
  const code = files.filter((name) => name.endsWith(".c")).map((name) => join(sources, name))
  // One that runs keeps its file, and nobody sees half of a new one.
  const made = `${program}.${process.pid}`
  const { error, status } = spawnSync("cc", ["-std=c11", "-Wall", "-Wextra", "-O2", "-o", made, ...code], { stdio: ["ignore", 2, 2] })
  if (status === 0) return renameSync(made, program)
  const why = (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT" ? "there is no C compiler, cc" : "it could not be compiled"
  console.error(`The keeper is not built: ${why} (apt-get install gcc libc6-dev). Trees run without it.`)
}

if (process.platform === "linux" && !isNew) build()
