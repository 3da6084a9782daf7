/** A worker as in a tree file, and one incarnation of it. */
import * as Result from "effect/Result"
import type { WorkerSpec } from "supervise"
import { decodeChildResult } from "../../../src/tree/decode.ts"
import type { Worker } from "../../../src/tree/Spec.ts"

export const aWorker = (more: Partial<WorkerSpec>): Worker =>
  Result.getOrThrow(decodeChildResult({ type: "worker", id: "web", start: ["web"], ...more }, { path: "/", kind: "supervisor" })) as Worker

export const target = { path: "/shop/web", incarnation: 1, pid: 4711, startTime: 0, cwd: "/", env: {}, lastMatch: () => undefined }
