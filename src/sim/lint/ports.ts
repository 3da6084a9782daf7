/**
 * Ports on which two processes would listen. A worker is taken to listen on the port that its command or its
 * environment names, or else on the one that makes it ready, or else on the one that is checked.
 */
import { parentOf } from "../../core/Path.ts"
import type { Child, Tree, Worker } from "../../tree/Spec.ts"
import { checksOf } from "./commands.ts"
import { childrenOf, type Finding } from "./Finding.ts"

interface Port {
  readonly port: number
  /** Of this machine; undefined if it is not said. */
  readonly host: string | undefined
  /** The key that names it. */
  readonly key: string
}

/** Every worker but the first that listens on a port, and every pool with more than one instance that does. */
export function sharedPorts(tree: Tree): ReadonlyArray<Finding> {
  const first = new Map<string, string>()
  const findings: Array<Finding> = []
  const visit = (node: Child, path: string, pool: { readonly path: string; readonly size: number } | undefined): void => {
    if (node.type !== "worker") {
      const below = node.type === "pool" && node.size > 1 ? { path, size: node.size } : pool
      for (const child of childrenOf(node)) visit(child, `${path}/${child.id}`, below)
      return
    }
    for (const { port, host = "", key } of portsOf(node)) {
      const other = first.get(`${host}:${port}`)
      if (other !== undefined && node.needs.some((id) => other === `${parentOf(path)}/${id}`)) continue // it connects to it
      first.set(`${host}:${port}`, other ?? path)
      const alone = "only one process can listen on it."
      if (other !== undefined)
        findings.push({ path, key, because: `it shares port ${port} with ${other}, and ${alone}`, advice: adviceFor(key) })
      if (pool !== undefined)
        findings.push({
          path,
          key,
          because: `the ${pool.size} instances of ${pool.path} share port ${port}, and ${alone}`,
          advice: "Let each take a free port, such as 0, or one that it derives from SUPERVISE_PATH."
        })
    }
  }
  visit(tree, `/${tree.id}`, undefined)
  return findings
}

const adviceFor = (key: string): string =>
  `Give each a port of its own${key.startsWith("health") ? '; a check of another process should only report (onFailure: "report")' : ""}.`

/** A job that others wait for does not listen; what it is given is where it connects to. */
function portsOf(worker: Worker): ReadonlyArray<Port> {
  if (worker.ready.type === "exited") return []
  const named = namedPort(worker)
  if (named !== undefined) return [named]
  const checked = checkedPorts(worker)
  const ready = checked.filter(({ key }) => key === "ready")
  const all = ready.length > 0 ? ready : checked
  return all.filter(({ port }, n) => all.findIndex((other) => other.port === port) === n)
}

/** These connect to a port that is given in the same way. */
const CLIENTS = new Set(
  [
    "psql pg_isready pg_dump pg_dumpall pg_restore pg_basebackup pgbench mysql mysqladmin mysqldump mongo mongosh mongodump",
    "redis-cli ssh scp sftp autossh nc ncat telnet curl wget"
  ].flatMap((names) => names.split(" "))
)

/** `--port 8080`, `--port=8080`, `-p 8080`, or PORT in its environment. */
function namedPort({ start, env }: Worker): Port | undefined {
  if (start.some((word) => CLIENTS.has(word.replace(/^.*\//, "")))) return undefined
  const host = option(start, ["--host", "--bind", "--address", "--listen"])
  const port = option(start, ["--port", "-p"])
  if (port !== undefined && isPort(port)) return { port: Number(port), host, key: "start" }
  return env.PORT && isPort(env.PORT) ? { port: Number(env.PORT), host, key: "env.PORT" } : undefined
}

function option(argv: ReadonlyArray<string>, names: ReadonlyArray<string>): string | undefined {
  for (const [n, word] of argv.entries()) {
    if (n > 0 && names.includes(word)) return argv[n + 1]
    const name = names.find((name) => name.startsWith("--") && word.startsWith(`${name}=`))
    if (name !== undefined) return word.slice(name.length + 1)
  }
  return undefined
}

/** Port 0 stands for any that is free. */
const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536

/** The ports of this machine that its checks ask for. What is only shown may be about another process. */
function checkedPorts(worker: Worker): ReadonlyArray<Port> {
  return checksOf(worker).flatMap(({ key, check }) => {
    if ("onFailure" in check && check.onFailure === "report") return []
    if (check.type === "tcp") return isLocal(check.host) ? [{ port: check.port, host: undefined, key }] : []
    if (check.type !== "http" || check.socket !== undefined) return []
    const { hostname, port, protocol } = new URL(check.url)
    return isLocal(hostname) ? [{ port: Number(port) || (protocol === "https:" ? 443 : 80), host: undefined, key }] : []
  })
}

const isLocal = (host: string): boolean => ["127.0.0.1", "localhost", "[::1]", "::1", "0.0.0.0"].includes(host)
