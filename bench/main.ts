/**
 * `npm run bench`: compares supervise with its peers, on this machine, now. It reports, and never fails because
 * something is slow.
 */
import { judge } from "./aims.ts"
import { ask, usage } from "./asked.ts"
import { figures } from "./figures.ts"
import { machine } from "./machine.ts"
import { independent } from "./measures/all.ts"
import { print } from "./print.ts"
import { measureAll } from "./rounds.ts"
import { Workspace } from "./Workspace.ts"

const USAGE = 64

const asked = ask(process.argv.slice(2))
if (asked === "help") console.log(usage)
else if (typeof asked === "string") {
  console.error(`${asked} See npm run bench -- --help.`)
  process.exitCode = USAGE
} else {
  const begin = performance.now()
  const workspace = new Workspace()
  const childless = asked.only.every((name) => independent.has(name))
  const missing = asked.contenders.flatMap((one) => one.missing?.() ?? [])
  if (workspace.trouble !== undefined && !childless)
    missing.unshift(`${workspace.trouble} Without it only ${[...independent.keys()].join(" and ")} are measured.`)
  const here = asked.contenders.filter((one) => one.missing?.() === undefined)
  const { samples, notes } = await measureAll(asked, workspace.leaf === undefined ? [] : here, workspace)
  workspace.clear()

  const found = figures(samples)
  const judged = judge(found)
  const ranOn = machine()
  const versions = Object.fromEntries(here.flatMap(({ name, version }) => (version === undefined ? [] : [[name, version()]])))
  const seconds = Math.round((performance.now() - begin) / 1000)
  if (asked.json) {
    const { contenders: _, ...options } = asked
    const contenders = here.map(({ name, title }) => ({ name, title, version: versions[name] }))
    const document = { at: new Date(), seconds, machine: ranOn, options, contenders, missing, notes, figures: found, aims: judged, samples }
    console.log(JSON.stringify(document, undefined, 1))
  } else {
    const known = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
    console.log([ranOn.system, `${ranOn.cores} cores`, ranOn.kernel, `Node ${ranOn.node}`, ...known].join(", "))
    console.log(`medians of ${asked.rounds} interleaved rounds in ${seconds} s; ratios are medians of those within a round\n`)
    console.log(print(found, judged, asked.contenders))
    for (const sentence of [...missing, ...notes]) console.log(sentence)
  }
}
