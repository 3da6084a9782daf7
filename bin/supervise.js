#!/usr/bin/env node
// Plain JavaScript that any Node understands, so that an old one gets a sentence instead of a syntax error.
const major = Number(process.versions.node.split(".")[0])
if (major < 24) {
  console.error(`supervise needs Node 24 or newer and runs on ${process.version}. In a project, "npm install node@26" brings one along.`)
  process.exit(70)
}
await import("../src/cli/main.ts")
