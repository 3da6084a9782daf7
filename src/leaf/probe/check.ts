/** Makes a runnable check from its description. */
import type { Check, HttpCheck } from "../../tree/Probe.ts"
import { exec } from "./exec.ts"
import { file } from "./file.ts"
import { log } from "./log.ts"
import type { RunCheck } from "./ProbeTarget.ts"
import { running } from "./running.ts"
import { sql } from "./sql.ts"
import { tcp } from "./tcp.ts"
import { unix } from "./unix.ts"

/**
 * Make one for each probe of each worker: it compiles patterns once, and measures CPU time from one run to the next. It
 * may run again as soon as it has settled.
 */
export const checker = (check: Check): RunCheck => {
  switch (check.type) {
    case "http":
      return http(check)
    case "tcp":
      return tcp(check)
    case "unix":
      return unix(check)
    case "exec":
      return exec(check)
    case "file":
      return file(check)
    case "process":
      return running(check)
    case "sql":
      return sql(check)
    case "log":
      return log(check)
  }
}

/**
 * Loaded only if needed, as Node's HTTP with all that it imports (TLS, HTTP/2, zlib) would add a quarter to the
 * start-up time; and loaded at once, before the file can be replaced by an upgrade.
 */
const http = (check: HttpCheck): RunCheck => {
  const loaded = import("./http.ts").then(({ http }) => http(check))
  loaded.catch(() => undefined) // the await below rejects with it
  return async (target, signal) => (await loaded)(target, signal)
}
