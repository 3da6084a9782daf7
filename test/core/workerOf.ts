/** A decoded worker for tests of the core, which does not look at what the process is. */
import type { ChildCommon, Worker } from "../../src/tree/Spec.ts"

export const workerOf = (common: ChildCommon, ready: "spawned" | "exited", startTimeout: Worker["startTimeout"]): Worker => ({
  ...common,
  type: "worker",
  start: ["true"],
  cwd: ".",
  env: {},
  stopSignal: "SIGTERM",
  stopTo: "group",
  stdin: "null",
  successCodes: [0],
  ready: { type: ready },
  startTimeout,
  health: []
})
