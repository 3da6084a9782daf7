/** Probes in a few words, without passwords, headers, and what is sent to a socket. */
import { HEARTBEAT, hangAfterOf, PROBE } from "../../tree/defaults.ts"
import { printDuration } from "../../tree/duration.ts"
import type { Check, Heartbeat, HeartbeatSource, Probe } from "../../tree/Probe.ts"
import { shownUrl, withoutPasswords } from "../../tree/redact.ts"
import { printSize } from "../../tree/size.ts"

/** The target: `http://localhost:3000/health`, `port 5432`, `` `pg_isready` ``. */
export const describeCheck = (check: Check | HeartbeatSource): string => {
  switch (check.type) {
    case "http":
      return `${check.method === "GET" ? "" : `${check.method} `}${shownUrl(check.url)}${check.socket === undefined ? "" : ` on socket ${check.socket}`}`
    case "tcp":
      return check.host === "127.0.0.1" ? `port ${check.port}` : `port ${check.port} of ${check.host}`
    case "unix":
      return `socket ${check.path}`
    case "exec":
      return `\`${shortened(withoutPasswords(check.command.join(" ").replace(/\s+/g, " ")))}\``
    case "file":
      return `file ${check.path}${"maxAge" in check ? ` of the last ${printDuration(check.maxAge!)}` : ""}`
    case "process":
      return `its process${limits(check.memory, check.cpu)}`
    case "sql":
      return shownUrl(check.url)
    case "log":
      return `/${check.pattern}/ in the last ${printDuration(check.maxAge)}`
    case "line":
      return `/${check.pattern}/`
    case "fd":
      return "fd"
    case "notify":
      return "sd_notify"
  }
}

const LONGEST_COMMAND = 40
const shortened = (command: string): string => (command.length <= LONGEST_COMMAND ? command : `${command.slice(0, LONGEST_COMMAND - 1)}…`)

const limits = (memory: number | undefined, cpu: number | undefined): string => {
  const all = [memory === undefined ? [] : printSize(memory), cpu === undefined ? [] : `${cpu} cores`].flat()
  return all.length === 0 ? "" : ` within ${all.join(" and ")}`
}

/** `health port 5432 every 10 seconds, fails at 5`; defaults are left out. */
export const describeHealth = (probe: Probe): string =>
  [
    `health ${describeCheck(probe)} every ${printDuration(probe.interval)}`,
    probe.initialDelay !== PROBE.initialDelay && `after ${printDuration(probe.initialDelay)}`,
    probe.timeout !== PROBE.timeout && `timeout ${printDuration(probe.timeout)}`,
    probe.failureThreshold !== PROBE.failureThreshold && `fails at ${probe.failureThreshold}`,
    probe.successThreshold !== PROBE.successThreshold && `well at ${probe.successThreshold}`,
    probe.onFailure === "report" && "only shown"
  ]
    .filter((part) => part !== false)
    .join(", ")

/** `heartbeat on fd every 1 second`. */
export const describeHeartbeat = ({ every, from, model, suspect, convict, hangAfter }: Heartbeat): string =>
  [
    `heartbeat on ${describeCheck(from)} every ${printDuration(every)}`,
    model !== HEARTBEAT.model && model,
    (suspect !== HEARTBEAT.suspect || convict !== HEARTBEAT.convict) && `phi ${suspect} and ${convict}`,
    hangAfter !== hangAfterOf(every) && `hangs after ${printDuration(hangAfter)}`
  ]
    .filter((part) => part !== false)
    .join(", ")
