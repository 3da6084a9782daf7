/** Draws the output of `tmux capture-pane -e` as an SVG picture of text and lines. */

/** The size of a cell of the screen in the picture, and of the margin. */
const WIDTH = 7.8
const HEIGHT = 17
const FONT = 13
const MARGIN = 16
const BAR = 34

const FOREGROUND = "#d5d9e2"
const BACKGROUND = "#15181e"
const COLOURS = ["#6b7280", "#f0757e", "#86d19a", "#e6c26c", "#7fb0f5", "#cf9af0", "#6fcbd0", "#e5e9f0"]
const DIM = 0.5

interface Run {
  readonly column: number
  readonly text: string
  readonly classes: string
}

export function svgOf(screen: ReadonlyArray<string>, { columns, title }: { readonly columns: number; readonly title: string }): string {
  const width = Math.ceil(columns * WIDTH + 2 * MARGIN)
  const height = BAR + screen.length * HEIGHT + MARGIN
  const rows = screen.map(reader())
  const colours = COLOURS.map((colour, i) => `.c${i}{fill:${colour}}`).join("")
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<style>text{font:${FONT}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${FOREGROUND};white-space:pre}${colours}
.b{font-weight:700}.d{opacity:${DIM}}path{stroke:${FOREGROUND};stroke-opacity:${DIM * 0.8};fill:none}</style>
<rect width="${width}" height="${height}" rx="10" fill="${BACKGROUND}"/>
<circle cx="22" cy="18" r="6" fill="${COLOURS[1]}"/><circle cx="42" cy="18" r="6" fill="${COLOURS[3]}"/><circle cx="62" cy="18" r="6" fill="${COLOURS[2]}"/>
<text x="${width / 2}" y="22" text-anchor="middle" class="d">${escaped(title)}</text>
<path d="${rows.flatMap((row, y) => row.flatMap((run) => strokes(run, y))).join("")}"/>
${rows.flatMap((row, y) => row.flatMap((run) => words(run, y))).join("\n")}
</svg>
`
}

// ---------------------------------------------------------------- reading

/**
 * Reads, line by line, the runs of text with the same style; a style continues in the next line. Only the styles of our
 * own lines are understood: colours, bold and dim.
 */
function reader(): (line: string) => ReadonlyArray<Run> {
  let colour = ""
  let bold = false
  let dim = false
  const change = (code: number): void => {
    if (code === 0) [colour, bold, dim] = ["", false, false]
    else if (code === 1) bold = true
    else if (code === 2) dim = true
    else if (code === 22) [bold, dim] = [false, false]
    else if (code === 39) colour = ""
    else if (code >= 30 && code <= 37) colour = `c${code - 30}`
    else if (code >= 90 && code <= 97) colour = `c${code - 90}`
    else if (code !== 49) throw new Error(`The picture knows no look number ${code}.`)
  }
  return (line) => {
    const runs: Array<Run> = []
    let column = 0
    for (const [, codes, text] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
      codes?.split(";").map(Number).forEach(change)
      if (text === undefined) continue
      runs.push({ column, text, classes: [colour, bold ? "b" : "", dim ? "d" : ""].filter((word) => word !== "").join(" ") })
      column += [...text].length
    }
    return runs
  }
}

// ---------------------------------------------------------------- drawing

/** Box characters are drawn as lines, because letters would leave gaps between rows. Adjacent ones become one line. */
function strokes({ column, text }: Run, y: number): ReadonlyArray<string> {
  const middle = BAR + y * HEIGHT + HEIGHT / 2
  return [...text.matchAll(/─+|[│├└]/g)].flatMap(({ 0: found, index }) => {
    const x = MARGIN + (column + index) * WIDTH
    if (found[0] === "─") return [`M${round(x)} ${middle}h${round(found.length * WIDTH)}`]
    const upright = `M${round(x + WIDTH / 2)} ${middle - HEIGHT / 2}v${found === "└" ? HEIGHT / 2 : HEIGHT}`
    return [found === "│" ? upright : `${upright}M${round(x + WIDTH / 2)} ${middle}h${round(WIDTH / 2)}`]
  })
}

/** Stretched to its cells, whatever the font. */
function words({ column, text, classes }: Run, y: number): ReadonlyArray<string> {
  return [...text.replace(/[─│├└]/g, " ").matchAll(/\S+(?: \S+)*/g)].map(({ 0: found, index }) => {
    const x = round(MARGIN + (column + index) * WIDTH)
    const length = round([...found].length * WIDTH)
    const look = classes === "" ? "" : ` class="${classes}"`
    return `<text x="${x}" y="${BAR + y * HEIGHT + 13}" textLength="${length}"${look}>${escaped(found)}</text>`
  })
}

const round = (n: number): number => Math.round(n * 10) / 10
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
