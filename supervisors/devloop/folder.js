/**
 * Reports what changes in a folder and below, except hidden files and node_modules.
 *
 * Only a scan decides what has changed. The watchers just say that a scan is worthwhile now; what they miss, the next
 * rescan finds.
 */
import { readdirSync, statSync, watch } from "node:fs"
import { join, resolve } from "node:path"
import { FOLDER, STATE } from "./state.js"

const DEBOUNCE_MS = 50 // editors write a file in several steps
const RESCAN_MS = Number(process.env.DEVLOOP_RESCAN_MS || 30_000)
const FILE_LIMIT = 5000
const WATCHER_LIMIT = 1000 // changes in further folders wait for the rescan

/**
 * Scans at once and then forever. Calls `changed(name, size)` and `gone(name)` for each file, and `settled()` after the
 * first scan and after each scan with changes.
 */
export function watchFolder({ changed, gone, settled }) {
  const watchers = []
  let seen // name → its state at the last scan
  let soon

  function scan() {
    clearTimeout(soon)
    // New watchers for each scan: an old one may watch a folder that is gone, or another of the same name.
    for (const watcher of watchers.splice(0)) watcher.close()
    const before = seen ?? new Map()
    const now = new Map()
    for (const name of files("")) {
      const stat = statSync(join(FOLDER, name), { throwIfNoEntry: false })
      if (stat) now.set(name, { size: stat.size, state: `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}` })
      if (now.size === FILE_LIMIT) break
    }
    const different = [...now].filter(([name, { state }]) => before.get(name)?.state !== state)
    const missing = [...before.keys()].filter((name) => !now.has(name))
    for (const [name, { size }] of different) changed(name, size)
    for (const name of missing) gone(name)
    if (!seen || different.length + missing.length > 0) settled()
    if (now.size === FILE_LIMIT && before.size < FILE_LIMIT)
      console.error(`${FOLDER} has more than ${FILE_LIMIT} files; the others are not checked`)
    seen = now
  }

  function* files(folder) {
    notice(folder) // before the scan, so that no change is missed in between
    for (const entry of entries(folder)) {
      const name = join(folder, entry.name)
      if (entry.name.startsWith(".") || entry.name === "node_modules" || resolve(FOLDER, name) === resolve(STATE)) continue
      if (entry.isDirectory()) yield* files(name)
      else if (entry.isFile()) yield name
    }
  }

  function notice(folder) {
    if (watchers.length === WATCHER_LIMIT) return
    try {
      const watcher = watch(join(FOLDER, folder), () => {
        clearTimeout(soon)
        soon = setTimeout(scan, DEBOUNCE_MS)
      })
      watchers.push(watcher.on("error", () => {}))
    } catch {} // gone already, or the system has no more watchers: the rescan will find it
  }

  scan()
  setInterval(scan, RESCAN_MS)
}

function entries(folder) {
  try {
    return readdirSync(join(FOLDER, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if (folder === "") throw error // the folder itself must exist
    return []
  }
}
