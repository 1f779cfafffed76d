// A photo and what was made of it, side by side under a line that is moved.

import type { Engine } from './engine';
import type { Photo } from './photo';
import { button, element } from './view';
import * as words from './words';

const dialog = () => element<HTMLDialogElement>('look');

Object.assign(element('compare').dataset, { left: words.ORIGINAL, right: words.SAVED_PHOTO });
button('look-close').addEventListener('click', () => dialog().close());
element('slider').addEventListener('input', place);
element('compare').addEventListener('pointermove', (event) => {
  if (event.buttons === 0 && event.pointerType === 'mouse') return;
  const { left, width } = element('compare').getBoundingClientRect();
  element<HTMLInputElement>('slider').value = String(((event.clientX - left) / width) * 100);
  place();
});

/** Opens the view of a photo that is done. */
export async function open(photo: Photo, engine: Engine): Promise<void> {
  const { output, report } = photo;
  if (!output || !report) return;
  element('look-title').textContent = photo.file.name;
  element('look-verdict').textContent = words.verdict(report);
  const said = report.faces.map((face, i) => {
    const item = document.createElement('li');
    item.textContent = words.face(face, i + 1);
    return item;
  });
  element('faces').replaceChildren(...said);
  dialog().showModal();
  place();
  photo.original ??= await picture(photo.file, engine);
  photo.saved ??= await picture(output, engine);
  show('before', photo.original, words.ORIGINAL);
  show('after', photo.saved, words.SAVED_PHOTO);
}

function place(): void {
  element('compare').style.setProperty('--line', `${element<HTMLInputElement>('slider').value}%`);
}

function show(id: string, address: string | undefined, name: string): void {
  const image = element<HTMLImageElement>(id);
  image.alt = address ? name : `${name}: ${words.NOT_SHOWN}`;
  image.src = address ?? '';
}

/** The address of a picture that this browser shows; HEIC and TIFF are decoded by the engine. */
async function picture(file: File, engine: Engine): Promise<string | undefined> {
  try {
    (await createImageBitmap(file)).close();
    return URL.createObjectURL(file);
  } catch {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const answer = await engine.ask({ kind: 'picture', photo: bytes }).catch(() => undefined);
    return answer?.file && URL.createObjectURL(new Blob([answer.file], { type: 'image/jpeg' }));
  }
}
