/** The tools for agents: those that draw are the daemon's, the other three are about the daemon. */
import { once } from "node:events"
import { SIZE } from "./canvas.js"

const START_MS = 10_000

const point = { type: "array", items: { type: "integer", minimum: 0, maximum: SIZE - 1 }, minItems: 3, maxItems: 3 }
const color = { type: "string", pattern: "^[0-9a-f]{6}$", description: "rrggbb" }

const draws = {
  draw_voxel: ["Draws one voxel.", { at: point, color }],
  draw_box: ["Draws a full box between two corners.", { from: point, to: point, color }],
  draw_sphere: ["Draws a full sphere.", { center: point, radius: { type: "number", minimum: 0, maximum: SIZE }, color }],
  get_voxel: ["The colour of a voxel; null if it is empty.", { at: point }],
  clear: ["Empties the canvas.", {}],
  export: ["The canvas in Goxel's text format.", {}]
}

const manages = {
  start: ["Answers when the daemon runs. Its supervisor starts it; there is nothing else to do.", {}],
  status: ["The daemon's pid and uptime, as far as known.", {}],
  health: ["Pings the daemon.", {}]
}

export const list = Object.entries({ ...draws, ...manages }).map(([name, [description, properties]]) => ({
  name,
  description,
  inputSchema: { type: "object", properties, required: Object.keys(properties) }
}))

export const isTool = (name) => list.some((tool) => tool.name === name)

/** Runs a tool, or fails with a sentence. */
export async function use(link, name, input) {
  if (name === "start") return running(link)
  if (name === "status") return link.status()
  if (name === "health") return link.health()
  return link.call(name, input)
}

async function running(link) {
  const late = () => Promise.reject(new Error(`the daemon has not come up within ${START_MS} ms`))
  if (!link.daemon) await once(link, "started", { signal: AbortSignal.timeout(START_MS) }).catch(late)
  return link.status()
}
