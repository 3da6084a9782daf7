/**
 * Tests run on the Node that `npm ci` brings; a clone installed without scripts silently falls back to the machine's
 * own.
 */
const major = Number(process.versions.node.split(".")[0])
if (major < 24) {
  throw new Error(`The tests need Node 24 or newer and found ${process.version}. Run "npm ci" (with install scripts), then "npm test".`)
}

if (process.env.SUPERVISE_TEST_SPAWNER !== undefined) (await import("./spawner.ts")).useChosenSpawner()
