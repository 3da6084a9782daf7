/**
 * Builds the package that is published, `npm run build`: a folder that does not depend on its surroundings.
 *
 *     lib/            the entry points of package.json's `exports` and what they import, as JavaScript and types
 *     bin/            the command line (bin/program.js) with its libraries inside, and the evaluator of tree files, a
 *                     separate program
 *     examples/       copied
 *     keeper/bin/     the keeper, for each architecture that there is a compiler for
 *     package.json    derived from our own, with LICENSE, README.md and the pages of docs/ that it names
 *
 * Another folder than dist/ can be given; it must not exist yet. With REQUIRE_ALL=1, as for a release, it fails instead
 * of leaving out a keeper.
 */
import { spawnSync } from "node:child_process"
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, join, resolve } from "node:path"
import { build, type OutputChunk } from "rolldown"
import manifest from "../package.json" with { type: "json" }
import { licences } from "./licences.ts"
import { prebuild } from "./prebuilt.ts"

const root = resolve(import.meta.dirname, "..")
const out = process.argv[2] === undefined ? join(root, "dist") : resolve(process.argv[2])

const fail = (sentence: string): never => {
  console.error(sentence)
  process.exit(1)
}

/** The built path of a source: `./src/client.ts` becomes `./lib/client`. */
const built = (source: string): string => source.replace(/^\.\/src\/(.*)\.ts$/, "./lib/$1")

/** For a CommonJS module, fast-check has types of its own; so what returns its arbitraries must have them, too. */
const dual = "./lib/fast-check"
const entryOf = (path: string) => {
  const module = { types: `${path}.d.ts`, default: `${path}.js` }
  return path === dual ? { import: module, require: { types: `${path}.d.cts`, default: `${path}.cjs` } } : module
}

/** Compiles the library. TypeScript requires a file for a configuration that extends another. */
const library = (): void => {
  const config = join(out, "tsconfig.json")
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    rootDir: join(root, "src"),
    outDir: join(out, "lib"),
    typeRoots: [join(root, "node_modules/@types")]
  }
  const files = Object.values(manifest.exports).map((source) => join(root, source))
  writeFileSync(config, JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include: [], files }))
  const { status } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", config], { stdio: ["ignore", 2, 2] })
  if (status !== 0) fail("TypeScript found errors in the library, so there is nothing to publish.")
  rmSync(config)
  copyFileSync(join(out, `${dual}.d.ts`), join(out, `${dual}.d.cts`))
  writeFileSync(join(out, `${dual}.cjs`), `module.exports = require("./${basename(dual)}.js")\n`)
}

/**
 * Bundles the command line. Dynamic imports become chunks that are only read when they are used. Names are kept for
 * stack traces in bug reports; without comments and white space it is half the size, and starts a little faster.
 */
const bundle = async (name: string, input: string, chunkFileNames = "[name].js"): Promise<ReadonlyArray<OutputChunk>> => {
  const { output } = await build({
    input: { [name]: join(root, input) },
    cwd: root,
    platform: "node",
    resolve: { mainFields: ["module", "main"] }, // where there are both, only the module can be put into a bundle
    output: {
      dir: join(out, "bin"),
      chunkFileNames,
      minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } }
    }
  })
  return output.filter((part) => part.type === "chunk")
}

/** The dependencies that the library imports; those of the command line are bundled. */
const dependencies = () => {
  const texts = readdirSync(join(out, "lib"), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(js|d\.ts)$/.test(name))
    .map((name) => readFileSync(join(out, "lib", name), "utf8"))
  const named = (name: string) => texts.some((text) => text.includes(`"${name}"`) || text.includes(`"${name}/`))
  return Object.fromEntries(Object.entries(manifest.dependencies).filter(([name]) => named(name)))
}

const published = () => {
  const { name, version, description, license, type, engines, bin, peerDependencies, peerDependenciesMeta } = manifest
  const exports = Object.entries(manifest.exports).map(([entry, source]) => {
    return [entry, entryOf(built(source))]
  })
  return {
    ...{ name, version, description, license, type, engines, bin },
    exports: Object.fromEntries(exports),
    sideEffects: ["./bin/*.js"],
    files: ["bin", "docs", "examples", "keeper/bin", "lib"],
    dependencies: dependencies(),
    ...{ peerDependencies, peerDependenciesMeta }
  }
}

/** Copies the README without the parts that only apply to a clone, and the files it names. */
const readme = (): void => {
  const text = readFileSync(join(root, "README.md"), "utf8")
    .replace(/<!-- only in a clone -->.*?<!-- \/only in a clone -->\n+/gs, "")
    .replaceAll("test/fixtures/trees/", "")
  writeFileSync(join(out, "README.md"), text)
  const pages = [...text.matchAll(/\bdocs\/[\w-]+\.\w+/g)].map(([page]) => page)
  const filter = (path: string) => basename(path) !== ".supervise"
  for (const path of new Set([...pages, "examples"])) cpSync(join(root, path), join(out, path), { recursive: true, filter })
}

/** What is left out is replaced, in a clone, by the keeper that was built there; that one is not published. */
const keeper = (): void => {
  const leftOut = prebuild(join(out, "keeper/bin"))
  if (leftOut.length === 0) return
  const sentence = `Left out of the package: ${leftOut.join("; ")} (apt-get install musl-dev; CONTRIBUTING.md has more).`
  if (process.env.REQUIRE_ALL === "1") fail(sentence)
  console.error(sentence)
  const program = "keeper/build/keeper"
  if (existsSync(join(root, program))) cpSync(join(root, program), join(out, program))
}

if (out === join(root, "dist")) rmSync(out, { recursive: true, force: true })
if (existsSync(out)) fail(`${out} already exists. The build goes into a new folder, or into dist.`)
mkdirSync(out, { recursive: true })
library()
const chunks = [
  ...(await bundle(basename(manifest.bin.supervise, ".js"), "bin/program.js")),
  ...(await bundle("evaluatorProcess", "src/cli/load/evaluatorProcess.ts", "evaluate-[name].js"))
]
chmodSync(join(out, manifest.bin.supervise), 0o755)
writeFileSync(join(out, "bin/LICENSES.md"), licences(chunks.flatMap((chunk) => chunk.moduleIds)))
copyFileSync(join(root, "LICENSE"), join(out, "LICENSE"))
readme()
keeper()
// Written last: npm does not publish a folder without it, so nothing half built.
writeFileSync(join(out, "package.json"), `${JSON.stringify(published(), null, 2)}\n`)
