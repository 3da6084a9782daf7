/** What happens to each incarnation, by its behaviour and the seed. */
import type { Incarnation } from "../../core/Event.ts"
import type { Exit } from "../../core/Exit.ts"
import type { Worker } from "../../tree/Spec.ts"
import type { Behaviour } from "./Behaviour.ts"
import { type Distribution, quantile } from "./Distribution.ts"
import { draw } from "./draw.ts"

export class LifeModel {
  private readonly behaviours = new Map<string, Behaviour>()
  private readonly seed: number
  private readonly behaviourOf: (path: string, worker: Worker) => Behaviour

  constructor(seed: number, behaviourOf: LifeModel["behaviourOf"]) {
    this.seed = seed
    this.behaviourOf = behaviourOf
  }

  /** Of a worker that was registered. */
  of(path: string): Behaviour {
    return this.behaviours.get(path)!
  }

  register(path: string, worker: Worker): void {
    if (!this.behaviours.has(path)) this.behaviours.set(path, this.behaviourOf(path, worker))
  }

  /** Every registered path. */
  get paths(): ReadonlyArray<string> {
    return [...this.behaviours.keys()]
  }

  /** In whole milliseconds, like the live runtime. */
  durationOf({ path, incarnation }: Incarnation, what: "lifetime" | "starting" | "stopping"): number {
    const distribution = this.of(path)[what]
    if (distribution.type === "constant") return distribution.ms
    if (distribution.type === "never") return Number.POSITIVE_INFINITY
    return Math.round(quantile(distribution, draw(this.seed, path, what, incarnation)))
  }

  failsToStart = (of: Incarnation): boolean => this.share(of, "failedStarts")
  hangs = (of: Incarnation): boolean => this.share(of, "hangs")

  /** After how many milliseconds its n-th pause begins, and how many it takes. */
  pause({ path, incarnation }: Incarnation, n: number): { readonly afterMs: number; readonly forMs: number } {
    const { pauseEvery, pauseFor } = this.of(path)
    if (pauseEvery.type === "never") return { afterMs: Number.POSITIVE_INFINITY, forMs: 0 }
    const time = (distribution: Distribution, purpose: string): number =>
      Math.round(quantile(distribution, draw(this.seed, path, purpose, incarnation * 65_536 + n)))
    return { afterMs: time(pauseEvery, "pause every"), forMs: time(pauseFor, "pause for") }
  }

  exit({ path, incarnation }: Incarnation): Exit {
    const { exits } = this.of(path)
    return exits[Math.floor(draw(this.seed, path, "exit", incarnation) * exits.length)] ?? { _tag: "Code", code: 1 }
  }

  /** A number in [0, 1) that orders what happens at the same time. */
  tie(path: string, n: number): number {
    return draw(this.seed, path, "tie", n)
  }

  /** A time within the next `withinMs` milliseconds. */
  timeWithin(path: string, purpose: string, n: number, withinMs: number): number {
    return Math.floor(draw(this.seed, path, purpose, n) * withinMs)
  }

  private share({ path, incarnation }: Incarnation, what: "failedStarts" | "hangs"): boolean {
    const share = this.of(path)[what]
    return share > 0 && draw(this.seed, path, what, incarnation) < share
  }
}
