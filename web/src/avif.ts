// AVIF is decoded by the browser: the engine's decoder needs a system.

/** A photo as the engine reads it: AVIF as PNG, anything else as it is. */
export async function readable(photo: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (!['ftypavif', 'ftypavis'].includes(String.fromCharCode(...photo.subarray(4, 12)))) return photo;
  const picture = await createImageBitmap(new Blob([photo], { type: 'image/avif' }));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext('2d')?.drawImage(picture, 0, 0);
  picture.close();
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
}
