/** How long something takes: a distribution as plain data, in milliseconds. */
import { BadRehearsal } from "../BadRehearsal.ts"
import { millis, type Time } from "../Time.ts"

export type Distribution =
  | { readonly type: "never" }
  | { readonly type: "constant"; readonly ms: number }
  | { readonly type: "exponential"; readonly meanMs: number }
  | { readonly type: "weibull"; readonly scaleMs: number; readonly shape: number }
  | { readonly type: "samples"; readonly ms: ReadonlyArray<number> }

export const times = {
  never: { type: "never" },
  /** Always the same time. */
  constant: (time: Time): Distribution => ({ type: "constant", ms: millis(time, "a time") }),
  /** Memoryless: an old process is as likely to exit now as a new one. */
  exponential: (mean: Time): Distribution => ({ type: "exponential", meanMs: millis(mean, "the mean of exp") }),
  /** `shape` below 1: exits early or hardly ever; above 1: wears out. By `scale`, 63 % have exited. */
  weibull(scale: Time, shape: number): Distribution {
    if (!(shape > 0 && shape <= 100))
      throw new BadRehearsal({ because: `the shape of weibull is ${shape}, and should be between 0 and 100.` })
    return { type: "weibull", scaleMs: millis(scale, "the scale of weibull"), shape }
  },
  /** One of these measured times, all equally likely. */
  samples(measured: ReadonlyArray<Time>): Distribution {
    if (measured.length === 0) throw new BadRehearsal({ because: "there are no samples to draw a time from." })
    return { type: "samples", ms: measured.map((time) => millis(time, "a sample")) }
  }
} as const

/** The inverse of the distribution function at `u` in [0, 1), so that one draw gives one value. */
export function quantile(distribution: Distribution, u: number): number {
  switch (distribution.type) {
    case "never":
      return Number.POSITIVE_INFINITY
    case "constant":
      return distribution.ms
    case "exponential":
      return -Math.log1p(-u) * distribution.meanMs
    case "weibull":
      return distribution.scaleMs * (-Math.log1p(-u)) ** (1 / distribution.shape)
    case "samples":
      return distribution.ms[Math.floor(u * distribution.ms.length)] ?? Number.POSITIVE_INFINITY
  }
}
