/**
 * `import … from "supervise"` in a tree file means our constructors, wherever the file lies. They are handed over by value, so that
 * this also works when all of us is bundled into one file.
 */
import { registerHooks } from "node:module"
import * as constructors from "../../spec/constructors.ts"

const url = "supervise:constructors"
const key = "supervise.constructors"

export const resolveSupervise = (): void => {
  Object.assign(globalThis, { [Symbol.for(key)]: constructors })
  const source = `export const { ${Object.keys(constructors).join(", ")} } = globalThis[Symbol.for(${JSON.stringify(key)})]`
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "supervise" ? { url, format: "module", shortCircuit: true } : next(specifier, context),
    load: (wanted, context, next) => (wanted === url ? { format: "module", source, shortCircuit: true } : next(wanted, context))
  })
}
