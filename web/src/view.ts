// Draws the list and the choices.

import { isFinished, type Photo } from './photo';
import * as words from './words';

export const element = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
export const button = (id: string): HTMLButtonElement => element(id);

/** What can be done with a photo of the list. */
export interface Actions {
  compare(photo: Photo): void;
  download(photo: Photo): void;
  retry(photo: Photo): void;
  remove(photo: Photo): void;
}

/** Puts the texts that never change in their places. */
export function texts(): void {
  const said: Record<string, string> = {
    invitation: words.INVITATION,
    'choose-label': words.CHOOSE,
    promise: words.PROMISE,
    private: words.PRIVATE,
    'strength-label': words.STRENGTH,
    protect: words.START,
    cancel: words.CANCEL,
    'download-all': words.DOWNLOAD_ALL,
    clear: words.CLEAR,
    'look-close': words.CLOSE,
  };
  for (const [id, text] of Object.entries(said)) element(id).textContent = text;
  const [summary, list] = element('meaning').children;
  summary?.append(words.MEANING);
  list?.append(...words.LIMITS.map((limit) => make('li', limit)));
  const label = element('slider-label').firstElementChild;
  if (label) label.textContent = words.SLIDER;
  const strengths = words.STRENGTHS.map(([value, name]) => new Option(name, value, false, value === 'standard'));
  element('strength').append(...strengths);
}

export function showChoices(photos: readonly Photo[], isWorking: boolean): void {
  const strength = element<HTMLSelectElement>('strength');
  element('choices').hidden = photos.length === 0;
  // The list needs the room then.
  element('promise').hidden = element('private').hidden = photos.length > 0;
  element('strength-says').textContent = words.STRENGTHS.find(([value]) => value === strength.value)?.[2] ?? '';
  strength.disabled = isWorking;
  button('protect').hidden = isWorking || !photos.some((photo) => photo.state === 'waiting');
  button('cancel').hidden = !isWorking;
  button('clear').hidden = isWorking;
  button('download-all').hidden = isWorking || photos.filter((photo) => photo.output).length < 2;
  const done = photos.filter(isFinished);
  element('progress').hidden = !isWorking;
  element('answer').textContent = isWorking
    ? ''
    : words.answer(done.length, done.filter((photo) => photo.state === 'protected').length);
}

/** How far the photo in work is, without drawing the list anew. */
export function showProgress(photos: readonly Photo[], photo: Photo, secondsLeft: number): void {
  const row = element('photos').children[photos.indexOf(photo)];
  const bar = row?.querySelector('progress');
  if (bar) bar.value = photo.done;
  const done = photos.filter(isFinished).length;
  element('progress').textContent = words.progress(done + 1, photos.length, secondsLeft);
}

export function showList(photos: readonly Photo[], actions: Actions): void {
  element('photos').replaceChildren(...photos.map((photo) => row(photo, actions)));
}

function row(photo: Photo, actions: Actions): HTMLElement {
  const item = make('li', '');
  item.dataset.state = photo.state;
  const text = make('div', '');
  text.append(make('strong', photo.file.name), make('span', words.state(photo.state)));
  if (photo.state === 'working') {
    const bar = document.createElement('progress');
    bar.value = photo.done;
    bar.setAttribute('aria-label', photo.file.name);
    text.append(bar);
  }
  if (photo.report) text.append(make('p', words.verdict(photo.report)));
  const buttons = make('div', '');
  buttons.className = 'row';
  const offer = (name: string, act: (photo: Photo) => void) => {
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', textContent: name });
    button.setAttribute('aria-label', `${name}: ${photo.file.name}`);
    button.addEventListener('click', () => act(photo));
    buttons.append(button);
  };
  if (photo.output) {
    offer(words.COMPARE, actions.compare);
    offer(words.DOWNLOAD, actions.download);
  }
  if (isFinished(photo) && photo.state !== 'protected') offer(words.RETRY, actions.retry);
  if (photo.state !== 'working') offer(words.REMOVE, actions.remove);
  item.append(text, buttons);
  return item;
}

function make(tag: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
