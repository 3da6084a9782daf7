#!/usr/bin/env node
// Plain JavaScript that any Node understands, so that an old one gets a sentence instead of a syntax error.
const major = Number(process.versions.node.split(".")[0])
if (major < 24) {
  console.error(`supervise needs Node 24 or newer and runs on ${process.version}. In a project, "npm install node@26" brings one along.`)
  process.exit(70)
}

// Without a listener Node opens its debugger, to every user of the machine.
process.on("SIGUSR1", () => {})

// Package managers, installers and shells ask for the version alone; nothing needs to be loaded for that.
if (process.argv.length === 3 && process.argv[2] === "--version") {
  const { readFileSync } = await import("node:fs")
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  console.log(`supervise v${version}`)
  process.exit()
}

// Compiled code is kept in the user's own cache folder, and not where Node would put it, in /tmp: there, somebody else
// could have put code for us. So it must be ours, and nobody else may write there. Where there is no such folder and it
// cannot be made, we start without it. It is made here, as Node tries to make the folders above it, too, and under
// /proc never ends.
const [{ existsSync, mkdirSync, statSync }, { enableCompileCache }, { homedir }, { isAbsolute, join }] = await Promise.all(
  ["fs", "module", "os", "path"].map((name) => import(`node:${name}`))
)
try {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache") // a user may have no home
  if (isAbsolute(cache)) {
    if (!existsSync(cache)) mkdirSync(cache, { mode: 0o700 })
    const { uid, mode } = statSync(cache)
    if (uid === process.getuid?.() && (mode & 0o022) === 0) enableCompileCache(join(cache, "supervise"))
  }
} catch {}
await import("../src/cli/main.ts")
