/** The machine on which the bench ran. */
import { readFileSync } from "node:fs"
import { arch, availableParallelism, cpus, release, totalmem, type } from "node:os"

export const machine = () => ({
  processor: cpus()[0]?.model.trim() ?? arch(),
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: systemName(),
  kernel: `${type()} ${release()} ${arch()}`,
  node: process.versions.node
})

function systemName(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? type()
  } catch {
    return type()
  }
}
