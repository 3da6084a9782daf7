/** Where the keeper's program is. */
import { accessSync, constants, existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import * as Schema from "effect/Schema"
import { SentenceError } from "../../tree/SentenceError.ts"

/** The keeper was asked for, and there is none that can run here. */
export class KeeperMissing extends SentenceError<KeeperMissing>()("KeeperMissing", { because: Schema.String }) {
  override get message(): string {
    return `The keeper was asked for, and cannot be used: ${this.because}. Use the spawner "node", which runs everywhere.`
  }
}

interface Where {
  readonly env?: { readonly [name: string]: string | undefined }
  readonly platform?: string
  readonly arch?: string
  /** A folder inside the package. */
  readonly from?: string
}

/**
 * The program: what `SUPERVISE_KEEPER` names, else the one that was built for this machine in the package, else the one
 * that was built in a clone; or why there is none.
 */
export function keeperProgram({
  env = process.env,
  platform = process.platform,
  arch = process.arch,
  from = import.meta.dirname
}: Where = {}): string | KeeperMissing {
  const missing = (because: string) => new KeeperMissing({ because })
  if (platform !== "linux") return missing(`it needs Linux, and this is ${platform}`)
  const named = env.SUPERVISE_KEEPER
  if (named !== undefined && named !== "") {
    return isExecutable(named) ? resolve(named) : missing(`SUPERVISE_KEEPER names ${named}, which is not there or not executable`)
  }
  const root = packageFolder(from)
  const found = [join(root, `keeper/bin/keeper-${arch}`), join(root, "keeper/build/keeper")].find(isExecutable)
  return found ?? missing(`there is no program for linux on ${arch} in ${join(root, "keeper")}`)
}

/** The nearest folder above with a package.json: this file is compiled, or bundled, and then at another depth. */
function packageFolder(from: string): string {
  if (existsSync(join(from, "package.json"))) return from
  const above = dirname(from)
  return above === from ? from : packageFolder(above)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
