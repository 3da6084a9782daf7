/** Stands for what serves a tenant. */
console.log(`${process.env.TENANT} is served`)
setInterval(() => {}, 60_000)
