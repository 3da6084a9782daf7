/**
 * A service that embeds a tree: each tenant gets a subtree on request, and loses it on request.
 *
 *   PUT    /tenants/acme    starts /orchestrator/tenants/acme: a cache, and the web server that needs it
 *   DELETE /tenants/acme    stops it, and removes it
 *   GET    /health          200 when everything runs, else 503; and what runs
 *
 * When the service stops (SIGTERM, Ctrl-C), it stops its tenants first. From a second terminal in this folder,
 * `supervise ps` shows what runs, and `supervise stop` stops it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { BadTree, type Node, Refused, sayExit, start, supervisor, worker } from "supervise"

const TENANTS = "/orchestrator/tenants"
const folder = import.meta.dirname

const tenant = (id: string) =>
  supervisor({
    id,
    strategy: "RestForOne",
    children: [
      worker({ id: "cache", start: ["node", "cache.js"], env: { TENANT: id } }),
      worker({ id: "web", start: ["node", "web.js"], env: { TENANT: id } })
    ]
  })

const spec = supervisor({ id: "orchestrator", children: [supervisor({ id: "tenants", children: [] })] })
const state = process.env.ORCHESTRATOR_STATE ?? join(folder, ".supervise")
const tree = await start(spec, { folder, state })

async function answer(request: IncomingMessage): Promise<[status: number, body: unknown]> {
  const [, collection = "", id = ""] = (request.url ?? "").split("/")
  if (collection === "health" && request.method === "GET") return health()
  if (collection !== "tenants" || id === "") return [404, { error: "PUT or DELETE /tenants/NAME, or GET /health" }]
  if (request.method === "PUT") return [201, await tree.startChild(TENANTS, tenant(id))]
  if (request.method !== "DELETE") return [405, { error: "PUT or DELETE" }]
  await tree.terminateChild(`${TENANTS}/${id}`)
  await tree.deleteChild(`${TENANTS}/${id}`)
  return [200, { removed: id }]
}

async function health(): Promise<[number, unknown]> {
  const leaves = (node: Node): ReadonlyArray<Node> => (node.children === undefined ? [node] : node.children.flatMap(leaves))
  const all = leaves((await tree.snapshot()).root).filter(({ type }) => type === "worker")
  const well = all.every(({ phase }) => phase === "up")
  return [well ? 200 : 503, all.map(({ path, phase, pid, incarnation }) => ({ path, phase, pid, incarnation }))]
}

/** What the tree refuses is the client's mistake, answered with the tree's own sentence. */
function refusal(error: unknown): [number, unknown] {
  if (error instanceof BadTree) return [400, { error: error.message }]
  if (error instanceof Refused) return [error.why._tag === "NotFound" ? 404 : 409, { error: error.message }]
  return [500, { error: String(error) }]
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [status, body] = await answer(request).catch(refusal)
  response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`)
}

const server = createServer(serve)
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => tree.stop())

// However the tree ends, by a signal, from a second terminal or because it gave up, the service ends with it.
const { exit } = await tree.ended
server.close()
server.closeAllConnections()
console.log(`everything has stopped: the tree ${sayExit(exit)}`)
if (exit._tag !== "Shutdown") process.exitCode = 75
