/** A service to deploy: answers every request with the request itself. `node echo.js PORT`, or the path of a socket. */
import { createServer } from "node:http"

const address = process.argv[2]
const server = createServer((request, response) => response.end(`${request.method} ${request.url}, says pid ${process.pid}\n`))
process.once("SIGTERM", () => server.close(() => process.exit(0))) // removes its socket
server.listen(/^\d+$/.test(address) ? { port: Number(address), host: "127.0.0.1" } : { path: address })
