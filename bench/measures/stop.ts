/** Stop: from the request to the end of the supervisor and of its last leaf, in milliseconds. */
import { type Measure, stays } from "../measure.ts"

export const stop: Measure = {
  name: "stop",
  runs: (sizes) => [stays(sizes.at(-1)!)],
  take: async (run) => {
    const { contender, reports, exited } = run
    if (contender.stopSignal === null) return undefined
    const begin = performance.now()
    run.process.kill(contender.stopSignal)
    reports.release()
    await run.within(Promise.all([reports.over, exited]), () => `it did not stop: ${run.leaves()} leaves were left`)
    return { value: performance.now() - begin }
  }
}
