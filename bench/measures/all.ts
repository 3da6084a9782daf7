/** Every measure, in the order in which those of one run are taken: the one that ends the run is last. */
import type { Measure, Sample, Scene } from "../measure.ts"
import { block } from "./block.ts"
import { boot } from "./boot.ts"
import { core } from "./core.ts"
import { idle } from "./idle.ts"
import { kernel } from "./kernel.ts"
import { logs } from "./logs.ts"
import { keeper, memory } from "./memory.ts"
import { restart } from "./restart.ts"
import { startup } from "./startup.ts"
import { stop } from "./stop.ts"
import { storm } from "./storm.ts"

export const ofRuns: ReadonlyArray<Measure> = [boot, memory, keeper, idle, storm, stop]
/** Measures in which contenders take turns. */
export const inTurns: ReadonlyMap<string, (round: number, scene: Scene) => Promise<ReadonlyArray<Sample>>> = new Map([
  ["restart", restart],
  ["block", block],
  ["logs", logs]
])
/** Measures of supervise alone, without children. */
export const independent: ReadonlyMap<string, (round: number, scene: Scene) => ReadonlyArray<Sample>> = new Map([
  ["core", core],
  ["kernel", kernel],
  ["startup", startup]
])
export const names: ReadonlyArray<string> = [
  ...["restart", "boot", "storm", "stop", "block", "memory", "keeper", "idle", "logs"],
  ...["core", "kernel", "startup"]
]
