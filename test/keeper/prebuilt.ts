/** What the programs of the package are built with, and tried on. */
import { isThere } from "../runtime/processes.ts"

const requireAll = process.env.REQUIRE_ALL === "1"

const compilers = ["x86_64-linux-musl-gcc", "aarch64-linux-musl-gcc"].filter((name) => !isThere(name))

/** Tests that need the prebuilt programs are left out if they cannot be built here, unless everything is required. */
export const lacksPrebuilt = compilers.length > 0 && !requireAll
if (lacksPrebuilt) {
  console.log(`Left out: the prebuilt keepers, as there is no ${compilers.join(" and no ")} (CONTRIBUTING.md says how to get them).`)
}

export const EMULATOR = "qemu-aarch64-static"

export const lacksEmulator = (!isThere(EMULATOR) || lacksPrebuilt) && !requireAll
if (lacksEmulator && !lacksPrebuilt) {
  console.log(`Left out: the keeper for arm64, as there is no ${EMULATOR} (apt-get install qemu-user-static).`)
}
