/**
 * npm run soak -- [runs] [seed] [folder of a core] [replay]
 *
 * Exits with 1 if an invariant did not hold, and
 * prints the smallest run and how to replay it; with TRACE=1 all of that run.
 */
import { type Core, run } from "./run.ts"
import { search } from "./search.ts"

const [runs = "2000", seed = "1", where = "", replay] = process.argv.slice(2)
const folder = where === "" ? new URL("../../../src/", import.meta.url).href : where
const core = (await import(new URL("core/Machine.ts", folder).href)) as Core
const found = await search(core, { runs: Number(runs), seed: Number(seed), replay })
if (found === undefined) {
  console.log(`${runs} runs from seed ${seed}: everything held`)
} else {
  const trace: Array<string> = []
  try {
    run(core, found.gene, trace)
  } catch {}
  if (process.env.TRACE === "1") console.log(trace.join("\n"))
  console.log(
    `${JSON.stringify(found.gene)}\nreplay: TRACE=1 npx node test/core/soak/main.ts 1 ${seed} ${folder} '${found.replay}'\nVIOLATED: ${found.what}`
  )
  process.exitCode = 1
}
