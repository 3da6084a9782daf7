/** Something to watch: a line every second. */
let tick = 0
setInterval(() => {
  tick += 1
  console.log(`tick ${tick}`)
}, 1000)
