/**
 * The keeper as the package has it: one program for each architecture, `keeper/bin/keeper-x64` and `keeper-arm64`, that
 * needs no library of the machine it runs on. It is linked with musl by the compilers of these names, as Debian's
 * musl-dev and the usual cross toolchains have them.
 */
import { copyFileSync } from "node:fs"
import { join } from "node:path"
import { compile, sources } from "./compileKeeper.ts"

/** By Node's name of the architecture. */
const compilers = { x64: "x86_64-linux-musl-gcc", arm64: "aarch64-linux-musl-gcc" } as const
const options = ["-static", "-s"]

/** The licence of musl, a part of which is in the programs. */
const licence = "LICENSE-musl"

/** Makes them in this folder, and answers for each that is left out why, in a sentence. */
export function prebuild(folder: string): ReadonlyArray<string> {
  const leftOut = Object.entries(compilers).flatMap(([arch, compiler]) => {
    const failure = compile(compiler, options, join(folder, `keeper-${arch}`))
    return failure === undefined ? [] : [{ arch, failure }]
  })
  if (leftOut.length < Object.keys(compilers).length) copyFileSync(join(sources, licence), join(folder, licence))
  return leftOut.map(({ arch, failure }) => `keeper-${arch}: ${failure}`)
}
