/** Each invariant notices the bug that it is there for: the sources are copied, the core is broken in one place, and rehearsed. */
import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { invariants } from "../../src/testing.ts"

interface Bug {
  readonly invariant: string
  readonly file: string
  readonly from: string
  readonly to: string
  readonly sentence: RegExp
}

const bugs: ReadonlyArray<Bug> = [
  {
    invariant: "neverTwice",
    file: "Child.ts",
    from: 'setPhase(tree, child, "stopping")',
    to: 'setPhase(tree, child, "down")',
    sentence: /^\/root\S*#\d+ is started while #\d+ runs\.$/
  },
  {
    invariant: "numbersGrow",
    file: "Child.ts",
    from: "child.ledger.incarnation++",
    to: "child.ledger.incarnation = 1",
    sentence: /^\/root\S*#1 comes after #1\.$/
  },
  {
    invariant: "eachExitOnce",
    file: "Child.ts",
    from: 'tell(tree, { _tag: "Stopped", ...life(child), exit })',
    to: "",
    sentence: /^the end of \/root\S* is told 0 times\.$/
  },
  {
    invariant: "noOrphans",
    file: "Supervisor.ts",
    from: 'sup.mode === "ending" && sup.condemned.size === 0',
    to: 'sup.mode === "ending"',
    sentence: /^\/root\S* has ended, and \/root\S* runs\.$/
  },
  {
    invariant: "withinIntensity",
    file: "Restart.ts",
    from: "restarts > intensity",
    to: "restarts > intensity + 1",
    sentence: /^\/root\S* goes on after \d+ restarts in its period, and \d+ are allowed\.$/
  },
  {
    invariant: "escalatesOnlyByIntensity",
    file: "Restart.ts",
    from: "restarts > intensity",
    to: "restarts >= intensity",
    sentence: /^\/root\S* gives up after \d+ restarts in its period, and \d+ are allowed\.$/
  },
  {
    invariant: "startsInOrder",
    file: "Supervisor.ts",
    from: 'if (first?.phase === "down" && !overtakes) start(tree, sup, first)',
    to: 'for (const child of sup.owed) if (child.phase === "down" && !child.alone) start(tree, sup, child)',
    sentence: /^\/root\S* is started before \/root\S* is ready\.$/
  },
  {
    invariant: "stopsInReverse",
    file: "Supervisor.ts",
    from: "child.place > last.place",
    to: "child.place < last.place",
    sentence: /^\/root\S* is stopped before \/root\S* has ended\.$/
  },
  {
    invariant: "backoffInBounds",
    file: "Restart.ts",
    from: "culprit.until = tree.now + delayMs",
    to: "culprit.until = tree.now + delayMs / 2",
    sentence: /^\/root\S* starts \S+ before its backoff is over\.$/
  },
  {
    invariant: "startGate",
    file: "Gate.ts",
    from: "gate.tokens -= 1",
    to: "gate.tokens -= 0.5",
    sentence: /^\/root\S* is started, and from .+ to .+ there were as many as the gate allows\.$/
  },
  {
    invariant: "breakerHolds",
    file: "Outcome.ts",
    from: 'child.phase === "pending" && sup.breaker?.ahead === child) release(tree, sup, child)',
    to: 'child.phase === "pending") for (const other of [child, ...sup.breaker!.held]) release(tree, sup, other)',
    sentence: /^\/root\S* is started while the breaker of \/root\S* holds it\.$/
  },
  {
    invariant: "heldIsUncounted",
    file: "Breaker.ts",
    from: "wasAhead && tree.now - breaker.since >= spec.giveUpAfter",
    to: "wasAhead",
    sentence: /^\/root\S* is held, and its failure is counted\.$/
  },
  {
    invariant: "eventuallyUp",
    file: "Outcome.ts",
    from: 'purpose === "retry" && child.phase === "restarting"',
    to: "purpose === undefined",
    sentence: /^\/root\S* is (restarting|starting|down) for ever\.$/
  },
  {
    invariant: "shutdownBounded",
    file: "Child.ts",
    from: 'if (child.spec.type === "worker") return act(tree, { _tag: "Stop", ...life(child), how })',
    to: 'if (child.spec.type === "worker") return act(tree, { _tag: "Stop", ...life(child), how: "infinity" })',
    sentence: /^the tree has not stopped after \S+( \S+)?, which is what its children have in all\.$/
  }
]

// Within the project, so that `effect` is found.
const root = resolve(import.meta.dirname, "../..")
let lab = ""
beforeAll(() => void (lab = mkdtempSync(join(root, ".supervise-hunt-"))))
afterAll(() => rmSync(lab, { recursive: true, force: true }))

async function brokenIn(folder: string): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, "hunt.ts"), `${pathToFileURL(folder).href}/`])
  return JSON.parse(stdout)
}

it("nothing is broken in our own sources", async () => expect(await brokenIn(join(root, "src"))).toEqual({}))

describe.concurrent("a planted bug is noticed", () => {
  for (const { invariant, file, from, to, sentence } of bugs)
    it(invariant, async () => {
      const folder = join(lab, invariant)
      cpSync(join(root, "src"), folder, { recursive: true })
      const healthy = readFileSync(join(folder, "core", file), "utf8")
      expect(healthy.split(from).length, `"${from}" stands once in ${file}`).toBe(2)
      writeFileSync(
        join(folder, "core", file),
        healthy.replace(from, () => to)
      )
      expect((await brokenIn(folder))[invariant]).toMatch(sentence)
    })
})

it("every invariant has its bug", () => expect(bugs.map(({ invariant }) => invariant)).toEqual(invariants.map(({ name }) => name)))
