/** What a web server answers. */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type RequestListener } from "node:http"
import { createServer as createSecureServer } from "node:https"
import { join } from "node:path"
import { expect, it } from "vitest"
import { CANCELLED } from "../../../src/leaf/probe/ProbeResult.ts"
import { http } from "../../../src/tree/constructors.ts"
import { eventually, temporaryFolder } from "../../runtime/processes.ts"
import { closedPort, listening, runSpec, SHORT, serving } from "./checks.ts"

const answering = async (listener: RequestListener, host = "127.0.0.1"): Promise<string> =>
  `http://${host.includes(":") ? `[${host}]` : host}:${await listening(createServer(listener), { host })}`

it("a status from 200 to 399 is well, and redirects are not followed", async () => {
  const asked: Array<string | undefined> = []
  const url = await answering((request, response) => {
    asked.push(request.url)
    response.writeHead(Number(request.url!.slice(1)), { location: "/500" }).end()
  })
  for (const status of [200, 204, 302, 399]) expect(await runSpec(http(`${url}/${status}`))).toBeUndefined()
  for (const status of [400, 404, 503]) expect(await runSpec(http(`${url}/${status}`))).toBe(`answered ${status}`)
  expect(await runSpec(http(`${url}/302`, { status: { from: 200, to: 299 } }))).toBe("answered 302")
  expect(await runSpec(http(`${url}/404`, { status: 404 }))).toBeUndefined()
  expect(asked).not.toContain("/500")
})

it("requests with its method, headers and the name and password of the URL, on a new connection each time", async () => {
  const requests: Array<Pick<IncomingMessage, "method" | "headers"> & { port: number | undefined }> = []
  const url = await answering((request, response) => {
    requests.push({ method: request.method, headers: request.headers, port: request.socket.remotePort })
    response.end()
  })
  expect(await runSpec(http(url, { method: "HEAD", headers: { "X-Token": "t", "User-Agent": "me" } }))).toBeUndefined()
  expect(await runSpec(http(url.replace("//", "//shop:secret@"), { method: "POST" }))).toBeUndefined()
  expect(requests).toMatchObject([
    { method: "HEAD", headers: { "x-token": "t", "user-agent": "me", connection: "close" } },
    { method: "POST", headers: { authorization: `Basic ${btoa("shop:secret")}`, "user-agent": "supervise" } }
  ])
  expect(requests[0]!.port).not.toBe(requests[1]!.port)
})

it("requests on a unix socket, and names it", async () => {
  const folder = temporaryFolder()
  await listening(
    createServer((request, response) => void response.end(request.headers.host)),
    { path: join(folder, "web.sock") }
  )
  expect(await runSpec(http("http://shop/health", { socket: "web.sock", body: "^shop$" }), { cwd: folder })).toBeUndefined()
  expect(await runSpec(http("http://shop/health", { socket: "none.sock" }), { cwd: folder })).toBe("there is no socket none.sock")
})

it("a body must match if a pattern is given, and is read up to 64 KiB", async () => {
  let end = ""
  const url = await answering((request, response) => {
    if (request.url === "/ok") return void response.end('{"status":"UP"}')
    // Never ends: reading all of it would take for ever.
    if (request.url === "/endless") return void response.write("y".repeat(64 * 1024))
    response.end(`${"y".repeat(64 * 1024)}${end}`)
  })
  expect(await runSpec(http(`${url}/ok`, { body: '"status":\\s*"UP"' }))).toBeUndefined()
  expect(await runSpec(http(`${url}/ok`, { body: "DOWN" }))).toBe(
    'answered 200 with "{\\"status\\":\\"UP\\"}", which does not match /DOWN/'
  )
  expect(await runSpec(http(`${url}/endless`, { timeout: "1 hour" }))).toBeUndefined()
  end = "the end"
  expect(await runSpec(http(`${url}/long`, { body: "the end" }))).toMatch(/^answered 200 with "y{59}…", which does not match \/the end\/$/)
})

it("host names and IPv6 addresses work, too", async () => {
  expect(await runSpec(http((await answering((_, response) => response.end())).replace("127.0.0.1", "localhost")))).toBeUndefined()
  expect(await runSpec(http(await answering((_, response) => response.end(), "::1")))).toBeUndefined()
})

it("a closed port, no answer, half an answer and a broken connection are told apart", async () => {
  const port = await closedPort()
  expect(await runSpec(http(`http://127.0.0.1:${port}`))).toBe(`connection refused by 127.0.0.1:${port}`)
  expect(await runSpec(http(`http://[::1]:${port}`))).toBe(`connection refused by [::1]:${port}`)
  const url = await answering((request, response) => {
    if (request.url === "/half") response.write("half")
    if (request.url === "/none") request.socket.destroy()
    if (request.url === "/cut") response.writeHead(200, { "content-length": "10" }).write("half", () => response.destroy())
  })
  const peer = url.slice("http://".length)
  expect(await runSpec(http(`${url}/hangs`, { timeout: SHORT }))).toBe("did not answer within 50ms")
  expect(await runSpec(http(`${url}/half`, { timeout: "2s" }))).toBe("did not finish its answer within 2s")
  expect(await runSpec(http(`${url}/none`))).toBe(`${peer} closed the connection without an answer`)
  expect(await runSpec(http(`${url}/cut`))).toBe(`${peer} closed the connection without an answer`)
})

it("a server that does not speak HTTP is reported as such", async () => {
  const port = await serving((socket) => socket.end("+OK redis\r\n"))
  expect(await runSpec(http(`http://127.0.0.1:${port}`))).toBe(`127.0.0.1:${port} does not speak HTTP`)
  const plain = (await answering((_, response) => response.end())).replace("http:", "https:")
  expect(await runSpec(http(plain))).toBe(`${plain.slice("https://".length)} does not speak TLS`)
})

it("a cancelled check closes its connection", async () => {
  let open = 0
  const aborter = new AbortController()
  const url = await answering((request) => {
    open += 1
    request.socket.once("close", () => (open -= 1))
    aborter.abort()
  })
  expect(await runSpec(http(url, { timeout: "1 hour" }), {}, aborter.signal)).toBe(CANCELLED)
  await eventually("the server has seen the end", () => open === 0)
})

it("a certificate must be trusted, unless insecure is set", async () => {
  const folder = temporaryFolder()
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "1",
      ...subject,
      "-keyout",
      "key",
      "-out",
      "cert"
    ],
    {
      cwd: folder,
      stdio: "pipe"
    }
  )
  const [key, cert] = [readFileSync(join(folder, "key")), readFileSync(join(folder, "cert"))]
  let resumed = false
  const server = createSecureServer({ key, cert }, (_, response) => response.end("safe"))
  server.on("secureConnection", (socket) => (resumed ||= socket.isSessionReused()))
  const url = `https://localhost:${await listening(server, { host: "localhost" })}/`
  expect(await runSpec(http(url))).toBe(`the certificate of ${url.slice(8, -1)} is not trusted: it is self-signed`)
  expect(await runSpec(http(url, { insecure: true, body: "^safe$" }))).toBeUndefined()
  expect(await runSpec(http(url, { insecure: true }))).toBeUndefined()
  expect(resumed).toBe(false)
})
