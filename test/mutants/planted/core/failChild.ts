/**
 * Bugs in failing a child instead of the supervisor (`onIntensity: "failChild"`): at least one for each promise that it
 * makes.
 */
import type { Mutant } from "../../Mutant.ts"

export const failChild: ReadonlyArray<Mutant> = [
  // ---------------------------------------------------------------- counting
  {
    name: "failChild: restarts are counted for the whole supervisor",
    file: "core/Restart.ts",
    from: "const perChild = failsChildren(sup)",
    to: "const perChild = false",
    story: "Restarts are counted per child",
    properties: /is counted at/
  },
  {
    name: "failChild: instances of a pool are counted together",
    file: "core/Restart.ts",
    from: "const perChild = failsChildren(sup)",
    to: 'const perChild = failsChildren(sup) && sup.spec.type !== "pool"',
    story: "Instances of a pool fail each for itself",
    properties: /is counted at/
  },
  {
    name: "failChild: the supervisor gives up all the same",
    file: "core/Restart.ts",
    from: "    if (failsChildren(sup)) return fail(tree, sup, culprit, evidence, window)\n",
    to: "",
    story: "A child above the limit is failed",
    properties: /exceeds its limit and is restarted|gives up for nothing/
  },
  {
    name: "failChild: the entries of a failed child are kept",
    file: "core/FailedChild.ts",
    from: "  child.window = undefined\n",
    to: "",
    story: "The entries of a failed child are cleared"
  },
  {
    name: "failChild: an attempt is counted",
    file: "core/Restart.ts",
    from: "  if (culprit.failures !== undefined) return fail(tree, sup, culprit, evidence)\n",
    to: "",
    story: "An attempt that ends before forgetAfter"
  },
  // ---------------------------------------------------------------- the wait
  {
    name: "failChild: a failed child is never tried again",
    file: "core/FailedChild.ts",
    from: '  act(tree, { _tag: "Wake", ...incarnationOf(child), purpose: "failed", at: child.until })\n',
    to: "",
    story: "Its entries are cleared, and it is tried again after retryAfter",
    properties: /is failed for ever/
  },
  {
    name: "failChild: a failed child is tried again too soon",
    file: "core/FailedChild.ts",
    from: "child.until = tree.now + delayMs",
    to: "child.until = tree.now + delayMs / 2",
    story: "A child above the limit is failed",
    properties: /is tried again too soon/,
    rehearsals: /^failsOnlyByIntensity: \/root\S* is tried again .+ too soon\.$/
  },
  {
    name: "failChild: the wait does not double",
    file: "core/FailedChild.ts",
    from: "retryAfter * 2 ** (attempt - 1)",
    to: "retryAfter",
    story: "An attempt that fails is a failure again",
    properties: /is left alone for/
  },
  {
    name: "failChild: the wait doubles without a cap",
    file: "core/FailedChild.ts",
    from: "Math.min(Math.max(LONGEST_WAIT_MS, retryAfter), retryAfter * 2 ** (attempt - 1))",
    to: "retryAfter * 2 ** (attempt - 1)",
    story: "The wait doubles up to one hour"
  },
  {
    name: "failChild: a longer retryAfter is cut to an hour",
    file: "core/FailedChild.ts",
    from: "Math.max(LONGEST_WAIT_MS, retryAfter)",
    to: "LONGEST_WAIT_MS",
    story: "A retryAfter of more than an hour"
  },
  {
    name: "failChild: an attempt does not pass the gate",
    file: "core/Child.ts",
    from: 'child.spec.type === "worker" && !admits(tree, sup, child)',
    to: 'child.spec.type === "worker" && child.failures === undefined && !admits(tree, sup, child)',
    story: "An attempt passes the start gate",
    properties: /should not have let it|are starting at once/
  },
  {
    name: "failChild: uptime forgives nothing",
    file: "core/FailedChild.ts",
    from: "uptimeMs >= forgetAfterOf(child.spec.backoff)",
    to: "uptimeMs < 0",
    story: "After forgetAfter of uptime it is forgiven"
  },
  {
    name: "failChild: any uptime forgives",
    file: "core/FailedChild.ts",
    from: "uptimeMs >= forgetAfterOf(child.spec.backoff)",
    to: "uptimeMs >= 0",
    story: "An attempt that ends before forgetAfter"
  },
  {
    name: "failChild: a hint does not end the wait",
    file: "core/Machine.ts",
    from: '  if (child.phase === "failed") {\n    tryAgain(tree, sup, child)\n    return advance(tree, sup)\n  }\n',
    to: "",
    story: "A hint ends the wait"
  },
  // ---------------------------------------------------------------- the siblings
  {
    name: "failChild: siblings are stopped under OneForOne",
    file: "core/Strategy.ts",
    from: 'if (sup.spec.type === "pool" || sup.spec.strategy === "OneForOne") return [culprit]',
    to: 'if (culprit.failures === undefined && (sup.spec.type === "pool" || sup.spec.strategy === "OneForOne")) return [culprit]',
    story: "A child above the limit is failed"
  },
  {
    name: "failChild: under RestForOne the children after a failed one stay up",
    file: "core/FailedChild.ts",
    from: "  markAffected(sup, child)\n",
    to: "",
    story: "Under RestForOne those after a failed child are stopped"
  },
  {
    name: "failChild: under RestForOne the children after a failed one are started without it",
    file: "core/Supervisor.ts",
    from: "  deferBehindFailed(tree, sup)\n",
    to: "",
    story: "Under RestForOne those after a failed child are stopped"
  },
  {
    name: "failChild: a failed attempt stops what is pending, too",
    file: "core/Strategy.ts",
    from: 'if (child.pendingOn?._tag === "Need") continue //',
    to: "//",
    story: "Under RestForOne a failed attempt leaves those after it waiting"
  },
  {
    name: "failChild: a sibling before it does not restart a failed child",
    file: "core/Strategy.ts",
    from: 'if (child.pendingOn?._tag === "Need") continue //',
    to: 'if (child.phase === "failed" || child.pendingOn?._tag === "Need") continue //',
    story: "A sibling before a failed child is restarted"
  },
  {
    name: "failChild: a need that has failed counts as met",
    file: "core/Needs.ts",
    from: 'return other.phase === "down" && ',
    to: 'return (other.phase === "down" || other.phase === "failed") && ',
    story: "What needs a failed child waits for it"
  },
  {
    name: "failChild: boot waits for a failed child",
    file: "core/FailedChild.ts",
    from: "  sup.bootWaitsFor.delete(child)\n",
    to: "",
    story: "At boot, with boot=retry, a child that fails"
  },
  {
    name: "failChild: a failed child counts against the breaker's limit",
    file: "core/Breaker.ts",
    from: "wasProbe && isPatienceOver && !failsChildren(sup)",
    to: "wasProbe && isPatienceOver",
    properties: /was not to be counted/
  },
  {
    name: "failChild: a child fails while the breaker is open",
    file: "core/Restart.ts",
    from: '  if (deferred === "deferred") return\n',
    to: '  if (deferred === "deferred" && (culprit.failures === undefined || culprit.pendingOn?._tag === "Need")) return\n',
    story: "While a breaker is open a child that has failed before"
  },
  // ---------------------------------------------------------------- the operator
  {
    name: "failChild: a child on hold is tried again",
    file: "core/ChildEvents.ts",
    from: 'purpose === "failed" && child.phase === "failed"',
    to: 'purpose === "failed" && (child.phase === "failed" || child.record.hold)',
    story: "Hold wins over failed",
    properties: /is on hold, and started|is on hold, and not down/
  },
  {
    name: "failChild: a terminated child is tried again",
    file: "core/ChildEvents.ts",
    from: 'purpose === "failed" && child.phase === "failed"',
    to: 'purpose === "failed" && (child.phase === "failed" || (child.phase === "down" && !child.record.hold))',
    story: "A terminated child is down, and not tried again"
  },
  {
    name: "failChild: a terminated child does not get a clean slate",
    file: "core/Child.ts",
    from: "    child.failures = undefined\n",
    to: "",
    story: "A terminated child has a clean slate"
  },
  {
    name: "failChild: at boot what needs a failed child does not wait for it",
    file: "core/Needs.ts",
    from: 'child.phase !== "down" ? undefined : failedNeed(sup, child)',
    to: 'child.phase !== "down" ? undefined : failedBefore(sup, child)',
    story: "At boot what needs a failed child waits for it, directly or not",
    properties: /which it needs, has failed/
  },
  {
    name: "failChild: a failed child has a clean slate before it is down",
    file: "core/Call.ts",
    from: '  child.askedFor = "terminate"\n',
    to: '  child.askedFor = "terminate"\n  child.failures = undefined\n',
    story: "A failed child that is terminated while its siblings stop is down in its turn"
  },
  {
    name: "failChild: start does not try a failed child",
    file: "core/Call.ts",
    from: 'if (child.phase === "failed" && !sup.toStop.has(child)) {',
    to: "if (tree.now < 0) {",
    story: "start, restart and restartChild try at once"
  },
  {
    name: "failChild: after a start by hand the wait goes on doubling",
    file: "core/Call.ts",
    from: "    child.failures = 0\n",
    to: "",
    story: "start, restart and restartChild try at once"
  },
  {
    name: "failChild: after a restart by hand the wait goes on doubling",
    file: "core/Call.ts",
    from: "  if (child.failures !== undefined) child.failures = 0\n",
    to: "",
    story: "start, restart and restartChild try at once"
  },
  {
    name: "failChild: a failed child cannot be deleted",
    file: "core/Call.ts",
    from: '(child.phase === "down" || child.phase === "failed") && !sup.toStop',
    to: 'child.phase === "down" && !sup.toStop',
    story: "A failed child may be deleted"
  },
  {
    name: "failChild: a deleted child is still among the failed ones",
    file: "core/Child.ts",
    from: '  if (child.phase === "failed") setPhase(tree, child, "down")\n',
    to: "",
    story: "A failed child may be deleted"
  },
  {
    name: "failChild: whichChildren says that a failed child is restarting",
    file: "core/Call.ts",
    from: '    child.phase === "restarting" ||\n',
    to: '    child.phase === "restarting" ||\n    child.phase === "failed" ||\n',
    story: "A child above the limit is failed"
  },
  {
    name: "failChild: countChildren counts a failed child as active",
    file: "core/Call.ts",
    from: "all.filter(hasProcess).length",
    to: 'all.filter((child) => hasProcess(child) || child.phase === "failed").length',
    story: "A child above the limit is failed"
  },
  // ---------------------------------------------------------------- the root
  {
    name: "failChild: the root goes on with nothing but failed children",
    file: "core/Machine.ts",
    from: "if (endIfAllFailed(tree)) {",
    to: "if (tree.now < 0 && endIfAllFailed(tree)) {",
    story: "The root gives up when all that could have run has failed"
  },
  {
    name: "failChild: the root ends as if it had been asked to",
    file: "core/FailedChild.ts",
    from: "  end(tree, root, exit)\n",
    to: '  end(tree, root, { _tag: "Shutdown" })\n',
    story: "The root gives up when all that could have run has failed"
  },
  {
    name: "failChild: the root gives up at the first failed child",
    file: "core/FailedChild.ts",
    from: "  for (const child of root.children.values()) if (isOfUse(root, child)) return false\n",
    to: "",
    story: "A child above the limit is failed",
    properties: /gives up though/
  },
  {
    name: "failChild: a child on hold does not keep the root up",
    file: "core/FailedChild.ts",
    from: "return child.record.hold || sup.toStart.has(child)",
    to: "return sup.toStart.has(child)",
    story: "A child that the operator holds keeps the root up"
  },
  {
    name: "failChild: a finished job keeps the root up",
    file: "core/FailedChild.ts",
    from: "return child.record.hold || sup.toStart.has(child)",
    to: "return true",
    story: "A finished job does not keep the root up"
  },
  {
    name: "failChild: what waits for a failed child keeps the root up",
    file: "core/FailedChild.ts",
    from: 'return child.phase !== "pending" || !waitsForFailed(sup, child)',
    to: "return true",
    story: "A child that waits for a failed one does not keep the root up"
  },
  {
    name: "failChild: only what waits for a failed child directly does not keep the root up",
    file: "core/FailedChild.ts",
    from: " || (other !== child && waitsForFailed(sup, other))",
    to: "",
    story: "A chain of children that wait for a failed one"
  },
  {
    name: "failChild: a failed child is still to be started",
    file: "core/FailedChild.ts",
    from: "  sup.toStart.delete(child)\n  sup.retrying.delete(child)\n",
    to: "  sup.retrying.delete(child)\n",
    properties: /has failed and is to be started/
  },
  {
    name: "failChild: what ends behind a failed child is counted",
    file: "core/Restart.ts",
    from: "isAlone ? unmet(sup, culprit) : failedBefore(sup, culprit)",
    to: "isAlone ? unmet(sup, culprit) : undefined",
    story: "Under RestForOne one that was started although it waits"
  },
  {
    name: "failChild: what ends behind a failed child leaves those after it up",
    file: "core/Restart.ts",
    from: "if (!isAlone) markAffected(sup, culprit)",
    to: "",
    story: "Under RestForOne one that was started although it waits"
  },
  // ---------------------------------------------------------------- health
  {
    name: "failChild: a failed child counts as stopped, not as unhealthy",
    file: "core/Health.ts",
    from: '    case "failed":\n      return { status: "unhealthy"',
    to: '    case "failed":\n      return { status: "stopped"',
    story: "A child above the limit is failed"
  },
  {
    name: "failChild: one failed child only degrades its supervisor",
    file: "core/Health.ts",
    from: 'child.spec.significant || child.phase === "failed"',
    to: "child.spec.significant",
    story: "A child above the limit is failed"
  }
]
