/**
 * npm run mutants [-- PART OF A NAME]     the planted bugs: which tests notice which
 * npm run mutants -- --random …           random ones, of one token each: see random/options.ts
 */
await import(process.argv.includes("--random") ? "./random/main.ts" : "./score.ts")
