// The page: what is chosen and pressed, and what becomes of it.

import { downloadZip } from 'client-zip';

import { BrokeOff, Cancelled, Engine } from './engine';
import { isolate } from './isolation';
import { open as look } from './look';
import type { Answer } from './messages';
import { finish, type Photo, type Report } from './photo';
import { button, element, showChoices, showList, showProgress, texts } from './view';
import * as words from './words';

const photos: Photo[] = [];
const engine = isolate().then(() => new Engine(hear));
let working: { photo: Photo; since: number } | undefined;
/** Seconds that the photos took that are done. */
const pace: number[] = [];

texts();
show();

element('choose').addEventListener('change', () => {
  const input = element<HTMLInputElement>('choose');
  add([...(input.files ?? [])]);
  input.value = '';
});
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  element('drop').classList.add('over');
});
document.addEventListener('dragleave', () => element('drop').classList.remove('over'));
document.addEventListener('drop', (event) => {
  event.preventDefault();
  element('drop').classList.remove('over');
  add([...(event.dataTransfer?.files ?? [])]);
});
document.addEventListener('paste', (event) => add([...(event.clipboardData?.files ?? [])]));
button('protect').addEventListener('click', () => void protectAll());
button('cancel').addEventListener('click', () => void cancel());
button('clear').addEventListener('click', () => {
  if (!photos.some((photo) => photo.output) || confirm(words.CLEAR_SURE)) {
    while (photos.length > 0) remove(photos[0] as Photo);
  }
});
button('download-all').addEventListener('click', () => void downloadAll());
element('strength').addEventListener('change', show);
window.addEventListener('beforeunload', (event) => {
  if (working || photos.some((photo) => photo.output)) event.preventDefault();
});

function add(files: File[]): void {
  photos.push(...files.map((file): Photo => ({ file, state: 'waiting', done: 0 })));
  show();
}

/** Protects what waits, one photo after the other, until all are done or somebody cancels. */
async function protectAll(): Promise<void> {
  for (let photo = next(); photo; photo = next()) {
    working = { photo, since: performance.now() };
    Object.assign(photo, { state: 'working', done: 0 });
    show();
    const cancelled = await protect(photo);
    pace.push(...(cancelled ? [] : [(performance.now() - working.since) / 1000]));
    working = undefined;
    if (cancelled) break;
  }
  show();
}

const next = () => photos.find((photo) => photo.state === 'waiting');

/** Whether somebody cancelled. */
async function protect(photo: Photo): Promise<boolean> {
  const strength = element<HTMLSelectElement>('strength').value;
  try {
    const bytes = new Uint8Array(await photo.file.arrayBuffer());
    const answer = await (await engine).ask({ kind: 'protect', photo: bytes, strength });
    if (answer.kind === 'done') finish(photo, JSON.parse(answer.report) as Report, answer.file);
  } catch (error) {
    if (error instanceof Cancelled) {
      photo.state = 'waiting';
      return true;
    }
    const reason = error instanceof BrokeOff ? words.BROKE_OFF : (error as Error).message;
    finish(photo, { status: 'failed', reason, faces: [] }, undefined);
  }
  return false;
}

async function cancel(): Promise<void> {
  (await engine).cancel();
}

function hear(answer: Answer): void {
  const state = element('engine-state');
  if (answer.kind === 'fetching') state.textContent = words.fetching(answer.done, answer.all);
  if (answer.kind === 'unreachable') state.textContent = words.unreachable(answer.reason);
  if (answer.kind === 'ready') {
    state.textContent = 'serviceWorker' in navigator ? words.READY : words.NOT_STORED;
    state.dataset.threads = String(answer.threads);
  }
  if (answer.kind === 'progress' && working) {
    working.photo.done = answer.done;
    showProgress(photos, working.photo, secondsLeft(working));
  }
}

/** By the photos before; for the first one by its own work so far. */
function secondsLeft({ photo, since }: { photo: Photo; since: number }): number {
  const spent = (performance.now() - since) / 1000;
  const own = pace.length > 0 ? pace.reduce((a, b) => a + b) / pace.length : spent / Math.max(photo.done, 0.05);
  return Math.max(own - spent, own * (1 - photo.done) * 0.5) + own * photos.filter((p) => p.state === 'waiting').length;
}

function show(): void {
  showChoices(photos, working !== undefined);
  showList(photos, {
    compare: async (photo) => look(photo, await engine),
    download: (photo) => photo.output && download(photo.output),
    retry: (photo) => {
      Object.assign(photo, { state: 'waiting', report: undefined, output: undefined });
      forgetPictures(photo);
      if (!working) void protectAll();
      show();
    },
    remove,
  });
}

function remove(photo: Photo): void {
  photos.splice(photos.indexOf(photo), 1);
  forgetPictures(photo);
  show();
}

function forgetPictures(photo: Photo): void {
  for (const address of [photo.original, photo.saved]) if (address) URL.revokeObjectURL(address);
  photo.original = photo.saved = undefined;
}

async function downloadAll(): Promise<void> {
  const files = photos.flatMap((photo) => photo.output ?? []);
  const names = new Map<string, number>();
  const named = files.map((file) => {
    const count = (names.get(file.name) ?? 0) + 1;
    names.set(file.name, count);
    const name = count === 1 ? file.name : file.name.replace(/(\.[^.]*)$/, `-${count}$1`);
    return { name, input: file };
  });
  download(new File([await downloadZip(named).blob()], 'visard.zip', { type: 'application/zip' }));
}

function download(file: File): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

