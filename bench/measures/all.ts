/** Every measure, in the order in which those of one run are taken: the one that ends the run is last. */
import type { Measure, Sample, Scene } from "../measure.ts"
import { boot } from "./boot.ts"
import { core } from "./core.ts"
import { idle } from "./idle.ts"
import { kernel } from "./kernel.ts"
import { memory } from "./memory.ts"
import { restart } from "./restart.ts"
import { startup } from "./startup.ts"
import { stop } from "./stop.ts"
import { storm } from "./storm.ts"

export const ofRuns: ReadonlyArray<Measure> = [boot, memory, idle, restart, storm, stop]
/** Measures of supervise alone, without children. */
export const independent: ReadonlyMap<string, (round: number, scene: Scene) => ReadonlyArray<Sample>> = new Map([
  ["core", core],
  ["kernel", kernel],
  ["startup", startup]
])
export const names: ReadonlyArray<string> = ["restart", "boot", "memory", "idle", "storm", "stop", "core", "kernel", "startup"]
