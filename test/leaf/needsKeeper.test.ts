import { notify, pool, supervisor, type TreeSpec, worker } from "supervise"
import { expect, it } from "vitest"
import { needsKeeper, unmetNeed } from "../../src/leaf/needsKeeper.ts"
import { decodeTreeOrThrow } from "../../src/tree/decode.ts"

const start = ["true"] as const
const needs = (spec: TreeSpec) => needsKeeper(decodeTreeOrThrow(spec)).map(({ path, field }) => `${field} of ${path}`)

it("a tree needs the keeper where its author has asked for logs, and nowhere else", () => {
  const children = [
    worker({ id: "asked", start, logs: true }),
    worker({ id: "not", start, logs: false }),
    worker({ id: "unsaid", start }),
    pool({ id: "jobs", size: 1, child: worker({ id: "job", start, logs: { keep: 2 } }) })
  ]
  expect(needs(supervisor({ id: "r", children }))).toEqual(["logs of /r/asked", "logs of /r/jobs/*"])
  expect(needs(supervisor({ id: "r", logs: true, children: [] }))).toEqual(["logs of /r"])
})

it("sd_notify needs it, too, and no state directory", () => {
  const heartbeat = { every: "1s", from: "notify" } as const
  const spec = supervisor({ id: "r", children: [worker({ id: "a", start, ready: notify(), heartbeat })] })
  expect(needs(spec)).toEqual(["ready: notify() of /r/a", 'heartbeat from "notify" of /r/a'])
  expect(unmetNeed(decodeTreeOrThrow(spec), { keeper: true, state: false })).toBeUndefined()
  expect(unmetNeed(decodeTreeOrThrow(spec), { keeper: false, state: true })?.message).toBe(
    'ready: notify() of /r/a, heartbeat from "notify" of /r/a need the keeper; ' +
      'run the tree with the spawner "keeper", on Linux, or leave that out.'
  )
})

it("what is not there is said in a sentence that names a few", () => {
  const many = supervisor({ id: "r", children: [1, 2, 3, 4, 5, 6, 7].map((n) => worker({ id: `w${n}`, start, logs: true })) })
  const sentence = (spec: TreeSpec, keeper: boolean, state: boolean) => unmetNeed(decodeTreeOrThrow(spec), { keeper, state })?.message
  expect(sentence(many, true, true)).toBeUndefined()
  expect(sentence(many, false, true)).toBe(
    "logs of /r/w1, logs of /r/w2, logs of /r/w3, logs of /r/w4, logs of /r/w5 and 2 more need the keeper; " +
      'run the tree with the spawner "keeper", on Linux, or leave that out.'
  )
  const one = supervisor({ id: "r", logs: {}, children: [] })
  expect(sentence(one, true, false)).toBe("logs of /r needs a state directory; run the tree with one, or leave that out.")
  expect(sentence(supervisor({ id: "r", children: [] }), false, false)).toBeUndefined()
})
