/**
 * Rules about how restarts are paced that involve several fields or nodes. Like `rules.ts`, it examines the input, and
 * only what is well formed.
 */
import { ADAPTIVE } from "../defaults.ts"
import { parseDuration } from "../duration.ts"
import { listed } from "./expectation.ts"
import { nearest } from "./nearest.ts"
import { at, isRecord, type Keys, type Located, shown } from "./problem.ts"

type Node = Record<PropertyKey, unknown>
type Report = (key: string, expected: string, suggestion?: string) => void

/** Reports everything that breaks a rule in a node. `within`: what kind of node it is below. */
export const pacing = (node: Node, within: "root" | "supervisor" | "pool", report: Report): void => {
  if (node.startGate !== undefined && within !== "root")
    report("startGate", "nothing: there is one start gate for the whole tree, at its root")
  if (node.breaker !== undefined && node.type === "supervisor" && restartsTogether(node))
    report("breaker", `nothing: under ${String(node.strategy)} children that fail together are restarted together anyway`)
  if (typeof node.bootConcurrency === "number" && node.bootConcurrency > 1 && restartsTogether(node))
    report("bootConcurrency", `1: under ${String(node.strategy)} each child needs those before it`, "1")
  if (node.onIntensity === "failChild" && node.strategy === "OneForAll")
    report("onIntensity", '"escalate": under OneForAll all children are restarted together, so none can fail alone', '"escalate"')
  if (Array.isArray(node.needs) && node.needs.length > 0) {
    if (within === "root") report("needs", "nothing: the root has no siblings")
    if (within === "pool") report("needs", "nothing: the instances of a pool have no named siblings")
  }
  const backoff = node.backoff
  if (isRecord(backoff) && backoff.type === "adaptive") {
    const millis = (written: unknown, usual: number) => (written === undefined ? usual : parseDuration(String(written)))
    const [min, max] = [millis(backoff.min, ADAPTIVE.min), millis(backoff.max, ADAPTIVE.max)]
    if (min !== undefined && max !== undefined && min > max) report("backoff", "a min that is not longer than its max")
  }
}

/** A strategy that is misspelt says nothing about the rest of the node. */
const restartsTogether = ({ strategy }: Node): boolean => strategy === "RestForOne" || strategy === "OneForAll"

/** A child may only need siblings before it, so that no child waits for itself, directly or in a circle. */
export const needs = (node: Node, children: ReadonlyArray<unknown>, keys: Keys): ReadonlyArray<Located> => {
  const ids = children.map((child) => at(child, ["id"])).map((id) => (typeof id === "string" ? id : undefined))
  return children.flatMap((child, index) => {
    const needed = at(child, ["needs"])
    if (!Array.isArray(needed)) return []
    const own = [...keys, "children", index, "needs"]
    if (needed.length > 0 && restartsTogether(node))
      return [
        {
          keys: own,
          found: shown(needed),
          expected: `nothing: under ${String(node.strategy)} the order of the list says what depends on what`
        }
      ]
    return needed.flatMap((id, n) => {
      if (typeof id !== "string") return []
      const before = ids.slice(0, index).filter((other) => other !== undefined)
      const problem = { keys: [...own, n], found: shown(id) }
      if (needed.indexOf(id) < n) return [{ ...problem, expected: "each sibling at most once" }]
      if (before.includes(id)) return []
      if (id === ids[index]) return [{ ...problem, expected: "a sibling: a child cannot wait for itself" }]
      if (ids.includes(id)) return [{ ...problem, expected: `a sibling before it in the list: children[${ids.indexOf(id)}] comes later` }]
      const expected = before.length === 0 ? "nothing: there is no sibling before it" : `a sibling before it in the list: ${listed(before)}`
      const meant = nearest(id, before)
      return [{ ...problem, expected, ...(meant === undefined ? {} : { suggestion: JSON.stringify(meant) }) }]
    })
  })
}
