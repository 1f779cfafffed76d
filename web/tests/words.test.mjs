// The page says what the window says.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('the page says what the window says', () => {
  const texts = `${root}gui/src/texts`;
  const rust = readdirSync(texts).map((name) => readFileSync(`${texts}/${name}`, 'utf8')).join('');
  // Rust's lines that go on lose their break.
  const window = rust.replace(/\\\n\s*/g, '');
  const words = readFileSync(`${root}web/src/words.ts`, 'utf8');
  const shared = ['MEANING', 'STRENGTH', 'START', 'CANCEL', 'CLEAR', 'RETRY', 'REMOVE', 'COMPARE', 'CLOSE', 'ORIGINAL', 'SAVED_PHOTO', 'SLIDER', 'PROMISE'];
  for (const name of shared) {
    const said = (source) => source.match(new RegExp(`const ${name}(?:: &str)? =\\s*['"](.*?)['"];`))?.[1];
    assert.equal(said(words), said(window), name);
  }
  const limits = words.slice(words.indexOf('LIMITS'), words.indexOf('STRENGTHS')).matchAll(/'(.+)',/g);
  for (const [, limit] of limits) assert.ok(window.includes(limit), limit);
  for (const verdict of ['Still recognisable', 'No face found', 'The check that was asked no longer', 'No face was found, so nothing was changed and nothing was saved.', 'NOT protected: the saved file does not show this photo. Protect it again.', 'Seen beside the original only.']) {
    assert.ok(window.includes(verdict) && words.includes(verdict), verdict);
  }
});
