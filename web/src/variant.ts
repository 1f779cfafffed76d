// Which build of the engine this browser can run.

/** A function that uses `i32x4.relaxed_trunc_f32x4_s`: valid only where relaxed SIMD is known. */
const RELAXED = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15,
  253, 128, 2, 11,
]);

/** At most so many threads: more help little, and each takes memory. */
const MOST = 8;

export function variant(): { folder: string; threads: number } {
  const threads = self.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, MOST) : 1;
  const relaxed = WebAssembly.validate(RELAXED);
  const name = ['engine', ...(threads > 1 ? ['threads'] : []), ...(relaxed ? ['relaxed'] : [])].join('-');
  return { folder: `../${name}`, threads };
}
