/** When a check has settled, nothing of it is left. Tested in a process of its own, which must also end by itself. */
import { execFile } from "node:child_process"
import { createServer } from "node:http"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { CANCELLED } from "../../../src/leaf/probe/ProbeResult.ts"
import { exec, file, http, log, running, sql, tcp, unix } from "../../../src/tree/constructors.ts"
import type { ProbeSpec } from "../../../src/tree/Probe.ts"
import { temporaryFolder } from "../../runtime/processes.ts"
import { closedPort, decoded, listening, SHORT, serving } from "./checks.ts"

const HOUR = { timeout: "1 hour" } as const
const LATE = { timeout: SHORT } as const

it("whether well, unwell, timed out or cancelled", async () => {
  const port = await serving(() => undefined)
  const web = await listening(createServer((request, response) => request.url === "/" && response.end("well")))
  const [url, closed] = [`http://127.0.0.1:${web}`, await closedPort()]
  const socket = join(temporaryFolder(), "app.sock")
  await serving(() => undefined, { path: socket })
  const silent = `postgres://shop@127.0.0.1:${port}/shop`
  const cases: ReadonlyArray<readonly [spec: ProbeSpec, result: string, abortAfter?: number]> = [
    [tcp(port, HOUR), "well"],
    [tcp(closed, HOUR), `connection refused by 127.0.0.1:${closed}`],
    [http(url, HOUR), "well"],
    [http(url, { ...HOUR, status: 204 }), "answered 200"],
    [http(`${url}/hangs`, LATE), "did not answer within 50ms"],
    [http(`${url}/hangs`, HOUR), CANCELLED, 50],
    [unix(socket, HOUR), "well"],
    [unix(socket, { ...LATE, expect: "x" }), "did not answer within 50ms"],
    [unix(socket, { ...HOUR, expect: "x" }), CANCELLED, 50],
    [exec(["true"], HOUR), "well"],
    [exec(["sh", "-c", "echo no >&2; exit 1"], HOUR), "the check's command exited with code 1: no"],
    [exec(["sleep", "1000"], LATE), "the check's command did not end within 50ms"],
    [exec(["sh", "-c", "sleep 1000 & wait"], HOUR), CANCELLED, 50],
    [exec(["no-such-command"], HOUR), 'the check could not be run: the command "no-such-command" was not found in PATH'],
    [file("/", HOUR), "well"],
    [file("/", { ...HOUR, maxAge: "3000 days" }), "well"],
    [running(HOUR), "well"],
    [sql(silent, LATE), "did not answer within 50ms"],
    [sql(silent, HOUR), CANCELLED, 200],
    [log("x", { ...HOUR, maxAge: "1s" }), "no line of its output has matched /x/ yet"]
  ]
  const list = JSON.stringify(cases.map(([spec, , abortAfter]) => [decoded(spec), abortAfter]))
  const program = join(import.meta.dirname, "../../fixtures/leaf/probes.ts")
  const { stdout } = await promisify(execFile)(process.execPath, [program, list], { timeout: 50_000 })
  const reports = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  expect(reports.map(({ type, result }) => [type, result])).toEqual(cases.map(([{ type }, result]) => [type, result]))
  for (const { type, before, after } of reports) expect({ type, open: after }).toEqual({ type, open: before })
})
