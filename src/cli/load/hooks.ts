/**
 * Makes `import … from "supervise"` in a tree file mean our constructors, wherever the file is; those of nodes note
 * where they were called. They are passed by value, so that this also works when all of supervise is one bundle. A tree
 * file that uses `export` is loaded as a module even where `npm init` wrote `"type": "commonjs"`.
 */
import { readFileSync } from "node:fs"
import { registerHooks } from "node:module"
import * as constructors from "../../tree/constructors.ts"
import { noting } from "./sites.ts"

const url = "supervise:constructors"
const key = "supervise.constructors"

/** An import that failed. */
export interface FailedImport {
  /** As it is written. */
  readonly specifier: string
  /** The URL of the file that imports it. */
  readonly parent: string | undefined
}

/** What was imported, by the error that came of it. */
export const failedImports = new WeakMap<object, FailedImport>()
/** The URLs of the files that were loaded, in order. */
export const loadedFiles: Array<string> = []

/** `tree`: the URL of the file to evaluate. */
export const resolveSupervise = (tree: URL): void => {
  const { supervisor, worker, pool } = constructors
  const nodes = { supervisor: noting(supervisor), worker: noting(worker), pool: noting(pool) }
  Object.assign(globalThis, { [Symbol.for(key)]: { ...constructors, ...nodes } })
  const source = `export const { ${Object.keys(constructors).join(", ")} } = globalThis[Symbol.for(${JSON.stringify(key)})]`
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === "supervise") return { url, format: "module", shortCircuit: true }
      const found = noted(specifier, context.parentURL, () => next(specifier, context))
      const exports = specifier === tree.href && found.format?.startsWith("commonjs") && /^export\b/m.test(readFileSync(tree, "utf8"))
      return exports ? { ...found, format: found.format?.replace("commonjs", "module") } : found
    },
    load: (wanted, context, next) => {
      if (wanted === url) return { format: "module", source, shortCircuit: true }
      if (wanted.startsWith("file:")) loadedFiles.push(wanted)
      return next(wanted, context)
    }
  })
}

/** Notes what was imported if it cannot be found. */
const noted = <A>(specifier: string, parent: string | undefined, resolve: () => A): A => {
  try {
    return resolve()
  } catch (error) {
    if (error instanceof Error) failedImports.set(error, { specifier, parent })
    throw error
  }
}
