/** The canvas: a cube of voxels in memory, and what can be drawn on it. Colours are `rrggbb`, points `[x, y, z]`. */
import { BAD_PARAMS, RpcError } from "./rpc.js"

export const SIZE = 32

const voxels = new Map() // "x y z" → colour; what is not here is empty

export const count = () => voxels.size

/** By the names of the tools that call them. */
export const drawing = {
  draw_voxel: ({ at, color }) => fill(point("at", at), at, () => true, color),
  draw_box: ({ from, to, color }) => fill(point("from", from), point("to", to), () => true, color),
  draw_sphere({ center, radius, color }) {
    const [cx, cy, cz] = point("center", center)
    if (!Number.isFinite(radius) || radius < 0 || radius > SIZE)
      throw new RpcError(BAD_PARAMS, `radius wants a number from 0 to ${SIZE}, not ${tell(radius)}`)
    const low = center.map((c) => Math.max(0, Math.ceil(c - radius))) // what sticks out is cut off
    const high = center.map((c) => Math.min(SIZE - 1, Math.floor(c + radius)))
    return fill(low, high, (x, y, z) => (x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2 <= radius ** 2, color)
  },
  get_voxel: ({ at }) => ({ color: voxels.get(point("at", at).join(" ")) ?? null }),
  clear() {
    voxels.clear()
    return { voxels: 0 }
  },
  /** Goxel's text format. */
  export: () => ["# One line per voxel", "# X Y Z RRGGBB", ...[...voxels].map(([at, color]) => `${at} ${color}`), ""].join("\n")
}

function fill(a, b, inside, color) {
  if (typeof color !== "string" || !/^[0-9a-f]{6}$/.test(color))
    throw new RpcError(BAD_PARAMS, `color wants six hex digits such as "ff8800", not ${tell(color)}`)
  const [low, high] = [a.map((c, i) => Math.min(c, b[i])), a.map((c, i) => Math.max(c, b[i]))]
  let drawn = 0
  for (let x = low[0]; x <= high[0]; x++)
    for (let y = low[1]; y <= high[1]; y++)
      for (let z = low[2]; z <= high[2]; z++) {
        if (!inside(x, y, z)) continue
        voxels.set(`${x} ${y} ${z}`, color)
        drawn += 1
      }
  return { drawn, voxels: voxels.size }
}

function point(name, value) {
  const fits = (c) => Number.isInteger(c) && c >= 0 && c < SIZE
  if (Array.isArray(value) && value.length === 3 && value.every(fits)) return value
  throw new RpcError(BAD_PARAMS, `${name} wants three whole numbers from 0 to ${SIZE - 1}, not ${tell(value)}`)
}

const tell = (value) => JSON.stringify(value) ?? "nothing"
