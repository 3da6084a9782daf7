/** From a check as data to one that can be carried out. */
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
 * One for each probe of each worker: patterns are read once, and the processor time of a process is counted from one look to the next. It may
 * be asked again as soon as it has answered.
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
 * Loaded for those who need it, and for them at once, before anybody can have replaced the file: with what hangs on Node's HTTP (TLS, HTTP/2, zlib)
 * it would cost every start a quarter of its time.
 */
const http = (check: HttpCheck): RunCheck => {
  const loaded = import("./http.ts").then(({ http }) => http(check))
  loaded.catch(() => undefined) // whoever asks hears of it
  return async (target, signal) => (await loaded)(target, signal)
}
