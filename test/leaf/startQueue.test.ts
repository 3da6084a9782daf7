/** Who is started next. */
import { expect, it } from "vitest"
import { StartQueue } from "../../src/leaf/node/StartQueue.ts"

const queue = (calm: string, failing = ""): StartQueue<{ readonly quota: { readonly path: string } }> => {
  const made = new StartQueue<{ readonly quota: { readonly path: string } }>()
  for (const path of failing.split(" ").filter(Boolean)) made.add({ quota: { path } }, true)
  for (const path of calm.split(" ").filter(Boolean)) made.add({ quota: { path } }, false)
  return made
}
const order = (made: ReturnType<typeof queue>): string => {
  const paths: Array<string> = []
  for (let leaf = made.next(); leaf !== undefined; leaf = made.next()) paths.push(leaf.quota.path)
  expect(made.size).toBe(0)
  return paths.join(" ")
}

it.for([
  ["of one supervisor the first comes first", "/a/1 /a/2 /a/3", "", "/a/1 /a/2 /a/3"],
  ["supervisors take turns", "/a/1 /a/2 /a/3 /b/1 /b/2", "", "/a/1 /b/1 /a/2 /b/2 /a/3"],
  ["who fails comes after the others", "/a/1", "/a/2 /b/1", "/a/1 /a/2 /b/1"],
  ["who fails gets every fourth start", "/a/1 /a/2 /a/3 /a/4 /a/5 /a/6", "/b/1 /b/2", "/a/1 /a/2 /a/3 /b/1 /a/4 /a/5 /a/6 /b/2"],
  ["nobody", "", "", ""]
] as const)("%s", ([, calm, failing, expected]) => expect(order(queue(calm, failing))).toBe(expected))

it("takes a pool of any size, and who comes meanwhile", () => {
  const made = queue(Array.from({ length: 10_000 }, (_, n) => `/pool/${n}`).join(" "))
  expect([made.next(), made.next()].map((leaf) => leaf?.quota.path)).toEqual(["/pool/0", "/pool/1"])
  made.add({ quota: { path: "/root/healthy" } }, false)
  expect([made.next(), made.next()].map((leaf) => leaf?.quota.path)).toEqual(["/pool/2", "/root/healthy"])
})
