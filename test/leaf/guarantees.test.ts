/** What a spawner guarantees depends on the machine, and where it does not hold there is a reason. */
import { expect, it } from "vitest"
import { guaranteesOf, sayGuarantee } from "../../src/leaf/guarantees.ts"

const linux = { platform: "linux", release: "6.18.4-arch1", hasProc: true, pid: 4711, noCgroups: undefined }
const without = (...machine: Parameters<typeof guaranteesOf>): ReadonlyArray<string> =>
  guaranteesOf(...machine).flatMap(({ text, butNot }) => (butNot === undefined ? [] : [`${text}: ${butNot}`]))

it("a keeper guarantees all of it", () => {
  expect(without("keeper", linux)).toEqual([])
})

it("a keeper needs Linux 6.9 to name a group for ever", () => {
  for (const release of ["6.9.0", "6.10-rc1", "7.0"]) expect(without("keeper", { ...linux, release })).toHaveLength(0)
  for (const release of ["6.8.12-generic", "5.15.0", "6.1.0-56-cloud-amd64"]) {
    expect(without("keeper", { ...linux, release }).at(-1)).toBe(
      "no signal reaches a process that was given the pid of another: " +
        `for the rest of a group whose leader has ended that needs Linux 6.9, and this is ${release}`
    )
  }
})

it("a keeper starts a worker in a cgroup of its own where there can be one", () => {
  expect(without("keeper", { ...linux, noCgroups: "SUPERVISE_CGROUPS is not 1" })).toEqual([
    "each worker has a cgroup of its own, and whatever is in it ends with it: SUPERVISE_CGROUPS is not 1"
  ])
  expect(without("node", linux)).toContain(
    "each worker has a cgroup of its own, and whatever is in it ends with it: only a keeper starts a process in one"
  )
})

it("the Node spawner guarantees less, elsewhere than on Linux still less, and says that it is untested there", () => {
  const here = without("node", linux)
  expect(here).toContain("workers end when supervise is killed or crashes: only a keeper outlives it, and sees that")
  const elsewhere = without("node", { ...linux, platform: "darwin", hasProc: false })
  expect(elsewhere.filter((text) => !here.includes(text))).toEqual([
    "what has left its group is found by its environment, and ends with its worker: this machine has no /proc",
    "what a check has started and left behind is found, and ends with its worker: this machine has no /proc"
  ])
  const said = "Workers go on without supervision if supervise is killed."
  expect(sayGuarantee("node", { platform: "darwin" })).toBe(`Spawner: node, untested on darwin. ${said}`)
  expect(sayGuarantee("node", { platform: "linux" })).toBe(`Spawner: node. ${said}`)
})

it("orphans of a container are the keeper's business, and only there", () => {
  const orphans = (...machine: Parameters<typeof guaranteesOf>) =>
    guaranteesOf(...machine).filter(({ text }) => text === "orphans of the container are reaped")
  expect(orphans("keeper", linux)).toEqual([])
  expect(orphans("keeper", { ...linux, pid: 1 })).toMatchObject([{ butNot: undefined }])
  expect(orphans("node", { ...linux, pid: 1 })).toMatchObject([{ butNot: "Node waits only for its own processes" }])
})
