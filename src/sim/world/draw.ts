/**
 * Random numbers that depend only on their arguments: the same seed, path, purpose and incarnation give the same
 * number, whatever else is drawn. So leaving out one fault moves no other.
 */

/** A number in [0, 1) with 53 random bits. */
export function draw(seed: number, path: string, purpose: string, n: number): number {
  let a = seed ^ 0x9e3779b9
  let b = Math.imul(n + 1, 0x85ebca6b)
  for (let i = 0; i < path.length; i++) a = Math.imul(a ^ path.charCodeAt(i), 0x01000193)
  for (let i = 0; i < purpose.length; i++) b = Math.imul(b ^ purpose.charCodeAt(i), 0x01000193)
  a = mix(a ^ b)
  b = mix(b + a)
  return ((a >>> 5) * 67108864 + (b >>> 6)) / 9007199254740992
}

/** The finaliser of MurmurHash3. */
function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
