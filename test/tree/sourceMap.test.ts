/** What a path was in the tree file. */
import { expect, it } from "vitest"
import { pool, supervisor, worker } from "../../src/tree/constructors.ts"
import { decodeTreeOrThrow } from "../../src/tree/decode.ts"
import { sourceOf } from "../../src/tree/SourceMap.ts"

const db = worker({ id: "db", start: ["db"] })
const job = worker({ id: "job", start: ["job"], restart: "transient" })
const jobs = pool({ id: "jobs", size: 2, child: job })
const inner = supervisor({ id: "inner", children: [db, jobs] })
const spec = supervisor({ id: "shop", children: [worker({ id: "web", start: ["web"] }), inner] })
const tree = decodeTreeOrThrow(spec)
const places = new Map(
  ["/shop", "/shop/inner/db", "/shop/inner/jobs/job"].map((name, n) => [name, { file: "tree.ts", line: n + 1, keys: {} }])
)

it.for([
  ["/shop", spec, 1, false],
  ["/shop/inner", inner, undefined, false],
  ["/shop/inner/db", db, 2, false],
  ["/shop/inner/jobs", jobs, undefined, false],
  ["/shop/inner/jobs/7", job, 3, true]
] as const)("%s is what was written, and where", ([path, written, line, ofPool]) => {
  const source = sourceOf(tree, { spec, places }, path)
  expect(source?.written).toBe(written)
  expect(source?.node).toMatchObject({ type: written.type, id: written.id })
  expect(source?.place).toEqual(line === undefined ? undefined : { file: "tree.ts", line, keys: {} })
  expect(source?.ofPool).toBe(ofPool)
})

it.for(["/other", "/shop/nobody", "/shop/web/below", "/shop/inner/db/below"])("%s was not in the file", (path) =>
  expect(sourceOf(tree, { spec, places }, path)).toBeUndefined()
)

it("without the file only the node is known", () =>
  expect(sourceOf(tree, undefined, "/shop/inner/db")).toMatchObject({ node: { id: "db" }, written: undefined, place: undefined }))
