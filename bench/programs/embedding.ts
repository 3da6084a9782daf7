/** The smallest program that embeds a tree: embedding TREE.json SPAWNER. SIGTERM stops it. */
import { readFileSync } from "node:fs"
import { type RunOptions, start } from "../../src/index.ts"

const [file, spawner] = process.argv.slice(2)
const tree = await start(JSON.parse(readFileSync(file!, "utf8")), { spawner } as RunOptions)
process.on("SIGTERM", () => void tree.stop())
await tree.ended
