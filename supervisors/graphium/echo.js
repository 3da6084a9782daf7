/** A service to deploy: answers every request with itself. `node echo.js PORT`, or the path of a socket. */
import { createServer } from "node:http"

const server = createServer((request, response) => response.end(`${request.method} ${request.url}, says pid ${process.pid}\n`))
process.once("SIGTERM", () => server.close(() => process.exit(0))) // takes its socket away
server.listen(process.argv[2])
