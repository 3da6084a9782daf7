/** Loaded before a program of ours, with --expose-gc: SIGUSR1 collects garbage, so that memory can be measured. */
process.on("SIGUSR1", () => {
  globalThis.gc()
  globalThis.gc()
})
