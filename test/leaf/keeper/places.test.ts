import { expect, it } from "vitest"
import { type Place, Places } from "../../../src/leaf/keeper/Places.ts"
import { Run } from "../../../src/leaf/keeper/Run.ts"
import { Outbox } from "../../../src/leaf/Outbox.ts"
import type { SpawnCommand } from "../../../src/leaf/Spawner.ts"

const command: SpawnCommand = {
  ...{ path: "/a", incarnation: 1, argv: ["true"], cwd: "/", env: {}, ready: { type: "spawned" }, stdin: "null" },
  ...{ stopSignal: "SIGTERM", stopTo: "group", shutdown: 0 }
}
const REMEMBERED = 20_000

function make(): { readonly places: Places; readonly gone: Array<number>; readonly runAt: (path: string) => Place } {
  const gone: Array<number> = []
  const places = new Places((leaf) => gone.push(leaf))
  const runAt = (path: string): Place => {
    const place = places.at(path)!
    place.told = { command, pattern: undefined }
    places.begin(place, new Run({ ...command, path }, undefined, new Outbox()))
    return place
  }
  return { places, gone, runAt }
}

it("a path keeps its number while it runs, and while it is remembered", () => {
  const { places, runAt } = make()
  const [a, b] = [runAt("/a"), runAt("/b")]
  expect([a.leaf, b.leaf]).toEqual([0, 1])
  places.end(a)
  expect(places.at("/a")).toBe(a)
  expect(places.ofLeaf(1)).toBe(b)
  expect(places.runs().map(({ place }) => place.path)).toEqual(["/b"])
})

it("of very many paths those that ended first are forgotten, and their numbers are used again", () => {
  const { places, gone, runAt } = make()
  const stays = runAt("/stays")
  for (let n = 0; n < REMEMBERED; n++) places.end(runAt(`/pool/${n}`))
  runAt("/pool/0")
  places.end(runAt("/one more"))
  expect(gone).toEqual([])
  places.end(runAt("/and one more"))
  expect(gone).toEqual([2])
  expect(places.get("/pool/1")).toBeUndefined()
  expect(places.get("/pool/0")?.leaf).toBe(1)
  expect(runAt("/new").leaf).toBe(2)
  expect(places.ofLeaf(stays.leaf)).toBe(stays)
})

it("there are no more numbers than the keeper takes", () => {
  const { places, runAt } = make()
  for (let n = 0; n < 131_072; n++) runAt(`/${n}`)
  expect(places.at("/one too many")).toBeUndefined()
})
