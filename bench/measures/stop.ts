/** Stop: from the request to the end of the supervisor and of its last leaf, in milliseconds. */
import { type Measure, stays } from "../measure.ts"

export const stop: Measure = {
  name: "stop",
  runs: (sizes) => [stays(sizes.at(-1)!)],
  take: async (run) => {
    const { reports, exited } = run
    const begin = performance.now()
    if (run.stop() === undefined) return undefined
    reports.release()
    await run.within(Promise.all([reports.over, exited]), () => `it did not stop: ${run.leaves()} leaves were left`)
    return { value: performance.now() - begin }
  }
}
