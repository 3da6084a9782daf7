/** Which folders and sockets are used: those that nobody else could have put there. */
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { mustBeOurSocket, mustBeOurs, mustBeOurWay } from "../../../src/runtime/state/ownership.ts"
import { temporaryFolder } from "../processes.ts"

const OTHERS_MAY_WRITE = "others may write into it, and so could give orders; forbid that with chmod go-w"
const folder = (mode: number): string => {
  const path = join(temporaryFolder(), "folder")
  mkdirSync(path)
  chmodSync(path, mode)
  return path
}

it.each([0o700, 0o755, 0o711, 0o500])("a folder of mode %o is ours", (mode) => expect(() => mustBeOurs(folder(mode))).not.toThrow())

it.each([0o720, 0o702, 0o777])("a folder of mode %o is not: others may write", (mode) =>
  expect(() => mustBeOurs(folder(mode))).toThrow(OTHERS_MAY_WRITE)
)

it("a file is no folder", () => {
  const file = join(temporaryFolder(), "file")
  writeFileSync(file, "")
  expect(() => mustBeOurs(file)).toThrow("it is not a folder")
})

it("a link to a socket is followed only to a folder where nobody else may write", () => {
  for (const [mode, refused] of [
    [0o700, false],
    [0o770, true]
  ] as const) {
    const there = folder(mode)
    writeFileSync(join(there, "s"), "")
    const link = join(temporaryFolder(), "link")
    symlinkSync(join(there, "s"), link)
    if (refused) expect(() => mustBeOurSocket(link)).toThrow("others may write")
    else expect(() => mustBeOurSocket(link)).not.toThrow()
  }
})

describe.runIf(process.getuid?.() === 0)("of another user", () => {
  it("a folder, and a socket to which our link leads, are refused", () => {
    const there = folder(0o700)
    chownSync(there, 65_534, 65_534)
    expect(() => mustBeOurs(there)).toThrow("it belongs to user 65534, and this runs as user 0")
    const socket = join(folder(0o700), "s")
    writeFileSync(socket, "")
    chownSync(socket, 65_534, 65_534)
    expect(() => mustBeOurSocket(socket)).toThrow(`its socket ${socket} belongs to user 65534`)
  })

  it("a link is not followed, wherever on the way it is; one of root's or ours is", async () => {
    const { lchownSync } = await import("node:fs")
    const [home, real] = [temporaryFolder(), folder(0o700)]
    symlinkSync(real, join(home, "link"))
    mkdirSync(join(real, "below"))
    expect(() => mustBeOurWay(join(home, "link", "below"))).not.toThrow()
    lchownSync(join(home, "link"), 65_534, 65_534)
    expect(() => mustBeOurWay(join(home, "link", "below"))).toThrow(`${join(home, "link")} is a link of user 65534`)
  })
})
