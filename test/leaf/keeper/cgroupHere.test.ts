/** Where cgroups may be made, on machines made of files. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, it, test } from "vitest"
import { cgroupHere, NoCgroups } from "../../../src/leaf/keeper/cgroupHere.ts"

let lab = ""
beforeEach(() => {
  lab = mkdtempSync(join(tmpdir(), "cgroup-here-"))
})
afterEach(() => rmSync(lab, { recursive: true }))

interface Machine {
  /** Of /proc/self/cgroup. */
  readonly own: string
  /** What is mounted, and where below the lab. */
  readonly mounts?: ReadonlyArray<readonly [root: string, at: string]>
  /** The groups that there are. */
  readonly groups: ReadonlyArray<string>
  readonly delegated?: string
  readonly systemd?: boolean
  readonly type?: string
  readonly env?: { readonly [name: string]: string }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

function look({
  own,
  mounts = [["/", "cg"]],
  groups,
  delegated,
  systemd = false,
  type,
  env = { SUPERVISE_CGROUPS: "1" }
}: Machine): string {
  const line = ([root, at]: readonly [string, string]) => `30 24 0:26 ${root} ${lab}/${at} rw,nosuid - cgroup2 cgroup2 rw\n`
  write(`${lab}/proc/self/mountinfo`, `24 1 0:22 / /sys rw - sysfs sysfs rw\n${mounts.map(line).join("")}`)
  write(`${lab}/proc/self/cgroup`, own)
  for (const group of groups) {
    write(`${lab}/${group}/cgroup.procs`, "")
    if (type !== undefined) write(`${lab}/${group}/cgroup.type`, `${type}\n`)
  }
  const isDelegated = (folder: string) => folder === `${lab}/${delegated}`
  const found = cgroupHere({ env, proc: `${lab}/proc`, systemd: systemd ? lab : "/no/systemd", isDelegated })
  return (found instanceof NoCgroups ? found.message : found).replaceAll(lab, "")
}

const no = (because: string): string => `Workers get no cgroup of their own: ${because}.`

it("is our own group: of a machine without systemd, of a container, of a hybrid machine", () => {
  expect(look({ own: "0::/\n", groups: ["cg"] })).toBe("/cg")
  expect(look({ own: "0::/docker/4711\n", groups: ["cg/docker/4711"] })).toBe("/cg/docker/4711")
  expect(look({ own: "4:memory:/x\n1:name=systemd:/y\n0::/\n", mounts: [["/", "unified"]], groups: ["unified"] })).toBe("/unified")
})

it("is found where only a part of the hierarchy is mounted, the last mount first", () => {
  const mounts = [
    ["/other", "other"],
    ["/", "hidden"],
    ["/pod", "in\\040pod"]
  ] as const
  expect(look({ own: "0::/pod/a\n", mounts, groups: ["in pod/a", "hidden/pod/a"] })).toBe("/in pod/a")
})

it("is none where there is none, or where it is not seen", () => {
  expect(look({ own: "4:memory:/x\n", groups: ["cg"] })).toBe(no("this machine has no cgroups of version 2"))
  expect(look({ own: "0::/\n", mounts: [], groups: [] })).toBe(no("our own cgroup is mounted nowhere"))
  expect(look({ own: "0::/../a\n", groups: ["cg/a"] })).toBe(no("our own cgroup is mounted nowhere"))
  expect(look({ own: "0::/gone (deleted)\n", groups: ["cg"] })).toBe(no("our own cgroup is mounted nowhere"))
  expect(cgroupHere({ env: { SUPERVISE_CGROUPS: "1" }, proc: "/no/proc" })).toMatchObject({
    because: "this machine has no cgroups of version 2"
  })
})

it("is systemd's, unless that has delegated our unit; what a supervisor has made within one is delegated, too", () => {
  const own = "0::/system.slice/shop.service\n"
  const groups = ["cg/system.slice/shop.service"]
  expect(look({ own, groups, systemd: true })).toBe(
    no("systemd has not left /cg/system.slice/shop.service to us; set Delegate=yes in our unit")
  )
  expect(look({ own: "0::/\n", groups: ["cg"], systemd: true })).toBe(no("systemd has not left /cg to us; set Delegate=yes in our unit"))
  expect(look({ own, groups, systemd: true, delegated: "cg/system.slice/shop.service" })).toBe("/cg/system.slice/shop.service")
  const nested = "system.slice/shop.service/supervise-1-2-3-1/shop:inner"
  expect(look({ own: `0::/${nested}\n`, groups: [`cg/${nested}`], systemd: true, delegated: "cg/system.slice/shop.service" })).toBe(
    `/cg/${nested}`
  )
})

it("is none where that is asked for, or where a group has only threads", () => {
  for (const env of [{}, { SUPERVISE_CGROUPS: "0" }])
    expect(look({ own: "0::/\n", groups: ["cg"], env })).toBe(no("SUPERVISE_CGROUPS is not 1"))
  expect(look({ own: "0::/a\n", groups: ["cg/a"], type: "domain" })).toBe("/cg/a")
  expect(look({ own: "0::/a\n", groups: ["cg/a"], type: "threaded" })).toBe(
    no('our own cgroup /cg/a is of the type "threaded", which has none for processes below it')
  )
})

const isRoot = process.getuid?.() === 0
if (isRoot) console.log("Left out: a cgroup that may not be written, as root may.")
test.skipIf(isRoot)("is none where we may not write", () => {
  look({ own: "0::/\n", groups: ["cg"] })
  chmodSync(`${lab}/cg/cgroup.procs`, 0o444)
  expect(look({ own: "0::/\n", groups: [] })).toBe(no("/cg/cgroup.procs cannot be written to (EACCES)"))
})
