/** Stands for what a tenant keeps in memory. */
console.log(`the cache of ${process.env.TENANT} is warm`)
setInterval(() => {}, 60_000)
