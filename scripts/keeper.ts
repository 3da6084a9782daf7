/**
 * Builds the keeper in a clone, into keeper/build, with the C compiler of the machine: `npm run keeper`, and a part of
 * `npm ci`. It takes two seconds. Where there is no compiler it says so, and trees run without a keeper.
 */
import { statSync } from "node:fs"
import { join } from "node:path"
import { compile, files, sources } from "./compileKeeper.ts"

const program = join(sources, "build/keeper")

const changed = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
const isNew = changed(program) > Math.max(changed(sources), ...files().map(changed))

function build(): void {
  const failure = compile("cc", [], program)
  if (failure !== undefined) console.error(`The keeper is not built: ${failure} (apt-get install gcc libc6-dev). Trees run without it.`)
}

if (process.platform === "linux" && !isNew) build()
