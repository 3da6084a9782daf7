/** Validates faults and behaviours from untyped input; rejects rather than ignores. */
import { sayDuration } from "../../tree/duration.ts"
import { BadRehearsal } from "../BadRehearsal.ts"
import type { BehaviourAt } from "./Behaviour.ts"
import type { Distribution } from "./Distribution.ts"
import type { Injection } from "./Injection.ts"

const withLength = ["pause", "outage", "spawnErrors", "swizzle", "stall", "suspend"]
const known = ["kill", "hang", "hint", "clockJump", ...withLength]
const isTime = (ms: unknown): boolean => typeof ms === "number" && Number.isFinite(ms) && ms >= 0

/** Throws `BadRehearsal`. */
export function validateFault(fault: Injection, forMs: number): void {
  const bad = (because: string): never => {
    throw new BadRehearsal({ because: `${JSON.stringify(fault)} is not a fault: ${because}.` })
  }
  if (!known.includes(fault.type)) bad(`its type should be one of ${known.join(", ")}`)
  if (fault.at !== undefined && !isTime(fault.at)) bad("its time, at, should be a number of milliseconds")
  if (fault.at !== undefined && fault.at > forMs) {
    const what = `the ${fault.type}${"path" in fault ? ` of ${fault.path}` : ""} at ${sayDuration(fault.at)}`
    throw new BadRehearsal({ because: `${what} comes after the end of the rehearsal, which is at ${sayDuration(forMs)}.` })
  }
  if (withLength.includes(fault.type) && !("forMs" in fault && isTime(fault.forMs)))
    bad("its length, forMs, should be a number of milliseconds")
  if (fault.type === "clockJump" && !Number.isFinite(fault.byMs)) bad("its jump, byMs, should be a number of milliseconds")
}

/** Throws `BadRehearsal`. */
export function validateBehaviour(behaviour: BehaviourAt): void {
  const bad = (because: string): never => {
    throw new BadRehearsal({ because: `${JSON.stringify(behaviour)} is not a behaviour: ${because}.` })
  }
  for (const key of ["lifetime", "starting", "stopping", "pauseEvery", "pauseFor"] as const)
    if (behaviour[key] !== undefined && !isDistribution(behaviour[key]))
      bad(`${key} should be made with times, such as times.constant("1s")`)
  for (const key of ["failedStarts", "hangs"] as const) {
    const share = behaviour[key]
    if (share !== undefined && !(share >= 0 && share <= 1)) bad(`${key} should be a share from 0 to 1`)
  }
  if (behaviour.exits?.length === 0) bad("exits should not be empty")
}

function isDistribution(one: Distribution): boolean {
  switch (one.type) {
    case "never":
      return true
    case "constant":
      return isTime(one.ms)
    case "exponential":
      return isTime(one.meanMs)
    case "weibull":
      return isTime(one.scaleMs) && one.shape > 0
    case "samples":
      return one.ms.length > 0 && one.ms.every(isTime)
    default:
      return false
  }
}
