/** The smallest program that embeds a tree: embedding TREE.json. SIGTERM stops it. */
import { readFileSync } from "node:fs"
import { start } from "../../src/index.ts"

const tree = await start(JSON.parse(readFileSync(process.argv[2]!, "utf8")))
process.on("SIGTERM", () => void tree.stop())
await tree.ended
