/** What our own end must not leave behind. */
import { onExit } from "signal-exit"

interface Killed {
  readonly killAll: () => void
}

/**
 * Every spawner that is not closed, to be killed when this process ends: by itself, by an error, or by a signal that
 * nothing else handles.
 */
const open = new Set<Killed>()
let removeHook = (): void => {}

/** Kills it when this process ends. Call the answer when it has been closed. */
export function closeAtExit(spawner: Killed): () => void {
  if (open.size === 0) removeHook = onExit(killAllOpen)
  open.add(spawner)
  return () => {
    open.delete(spawner)
    if (open.size === 0) removeHook()
  }
}

function killAllOpen(): void {
  for (const spawner of open) spawner.killAll()
}
