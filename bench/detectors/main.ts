/**
 * `npm run bench:detectors`: compares failure detectors on the same beats. It reports, and never fails because an aim
 * is missed.
 */
import { EXIT } from "../../src/cli/exitCodes.ts"
import { aims } from "./aims.ts"
import { ask, usage } from "./asked.ts"
import { compare } from "./compare.ts"
import { print } from "./print.ts"
import { BadTrace, readStalls, readTrace } from "./read.ts"
import { replayAll } from "./replay.ts"
import { ours } from "./rules/ours.ts"
import { phis } from "./rules/phis.ts"
import { plain } from "./rules/plain.ts"
import { type Stalled, stalledOurs, stalledPeer } from "./stalls.ts"
import { synthetic } from "./synthetic.ts"
import { hoursOf, type Trace } from "./Trace.ts"

const shipped = (name: string): string => new URL(`./traces/${name}.csv.gz`, import.meta.url).pathname
/**
 * Parent and child on Node, two cores: idle, under the load of four others, and with a child that pauses for 20 ms and
 * more.
 */
const real = (): ReadonlyArray<Trace> => [
  readTrace(shipped("real-idle-100ms"), 100),
  readTrace(shipped("real-load-10ms"), 10),
  readTrace(shipped("real-pauses-100ms"), 100)
]

/** Traces in which the supervisor did not run: twenty times for 50 to 950 ms, and for less under load. */
function stalls(): ReadonlyArray<Stalled> {
  const peers = phis.filter(({ name }) => name.endsWith("Δ/10") || name.startsWith("Cassandra"))
  return ["stall", "load"].flatMap((name) => {
    const trace = readTrace(shipped(`real-${name}-10ms`), 10)
    const own = readStalls(shipped(`real-${name}-suplag`))
    return [
      ...[100, 250, 500].flatMap((grace) => stalledOurs(trace, own, grace)),
      ...peers.flatMap((peer) => stalledPeer(trace, own, peer))
    ]
  })
}

const asked = ask(process.argv.slice(2))
if (asked === "help") console.log(usage)
else if (typeof asked === "string") {
  console.error(`${asked} See npm run bench:detectors -- --help.`)
  process.exitCode = EXIT.usage
} else
  try {
    const own = asked.files.map((file) => readTrace(file, asked.everyMs))
    const traces = own.length > 0 ? own : [...synthetic(asked.hours), ...real()]
    const configurations = [ours, phis, plain].flatMap((families) => replayAll(families, traces))
    const group = (name: string) => configurations.filter((one) => one.group === name)
    const compared = compare(group("ours"), group("Akka"))
    const stalled = own.length > 0 ? [] : stalls()
    const hours = traces.reduce((sum, trace) => sum + hoursOf(trace), 0)
    const findings = { hours, configurations, compared, stalled, aims: aims(configurations, compared, stalled) }
    console.log(asked.json ? JSON.stringify(findings, undefined, 1) : print(findings))
  } catch (error) {
    if (!(error instanceof BadTrace)) throw error
    console.error(error.message)
    process.exitCode = error.missing ? EXIT.usage : EXIT.badTree
  }
