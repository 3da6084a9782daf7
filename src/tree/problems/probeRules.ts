/**
 * Rules about a probe or a heartbeat that involve several fields. Like `rules.ts`, it examines the input, and only what
 * is well formed.
 */
import { HEARTBEAT } from "../defaults.ts"
import { parseDuration } from "../duration.ts"
import { at, isRecord, type Keys, type Located, shown } from "./problem.ts"

/** Everything that breaks a rule in the probes and the heartbeat of this worker. `keys` is its place. */
export const brokenProbes = (worker: Record<PropertyKey, unknown>, keys: Keys): ReadonlyArray<Located> => {
  if (worker.type !== "worker") return []
  const { ready, health, heartbeat } = worker
  const many = Array.isArray(health) ? health.flatMap((probe, index) => http(probe, [...keys, "health", index])) : []
  return [
    ...http(ready, [...keys, "ready"]),
    ...http(health, [...keys, "health"]),
    ...many,
    ...http(at(heartbeat, ["from"]), [...keys, "heartbeat", "from"]),
    ...beats(heartbeat, [...keys, "heartbeat"])
  ]
}

const http = (probe: unknown, keys: Keys): ReadonlyArray<Located> => {
  if (!isRecord(probe) || probe.type !== "http") return []
  const problems: Array<Located> = []
  const [from, to] = [at(probe, ["status", "from"]), at(probe, ["status", "to"])]
  if (typeof from === "number" && typeof to === "number" && from > to) {
    const suggestion = `{ from: ${to}, to: ${from} }`
    problems.push({
      keys: [...keys, "status"],
      found: shown(probe.status),
      expected: "a range whose end is not below its start",
      suggestion
    })
  }
  if (probe.method === "HEAD" && probe.body !== undefined) {
    problems.push({ keys: [...keys, "body"], found: shown(probe.body), expected: "no body with the method HEAD: its answer has none" })
  }
  return problems
}

const beats = (heartbeat: unknown, keys: Keys): ReadonlyArray<Located> => {
  if (!isRecord(heartbeat)) return []
  const problems: Array<Located> = []
  const { suspect = HEARTBEAT.suspect, convict = HEARTBEAT.convict } = heartbeat
  if (typeof suspect === "number" && typeof convict === "number" && convict <= suspect) {
    const field = heartbeat.convict === undefined ? "suspect" : "convict"
    const expected = field === "convict" ? `a phi above suspect, ${suspect}` : `a phi below convict, ${convict}`
    problems.push({ keys: [...keys, field], found: shown(heartbeat[field]), expected: `${expected}: suspicion comes before conviction` })
  }
  const [every, hangAfter] = [millis(heartbeat.every), millis(heartbeat.hangAfter)]
  if (every !== undefined && hangAfter !== undefined && hangAfter > 0 && hangAfter <= every) {
    const expected = "a time longer than every: otherwise a beat on time would be too late"
    problems.push({ keys: [...keys, "hangAfter"], found: shown(heartbeat.hangAfter), expected })
  }
  return problems
}

const millis = (value: unknown): number | undefined => (typeof value === "string" ? parseDuration(value) : undefined)
