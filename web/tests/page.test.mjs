// The page in a real browser: `npm test`, after `npm run build`.

import assert from 'node:assert/strict';
import { createReadStream, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { choose, finished, judges, launch, page, photo, ready, serve, states, verify, visit } from './browser.mjs';

const folder = mkdtempSync(`${tmpdir()}/visard-page-`);
let browser;
let server;

before(async () => {
  server = await serve();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.stop();
});

test('a photo is protected, compared and downloaded, and nothing leaves the page', async (t) => {
  const { context, tab, requests } = await visit(browser, server.address);
  await choose(tab, [photo('amber-neutral.jpg')]);
  await tab.click('#protect');
  await finished(tab);
  assert.deepEqual(await states(tab), ['protected']);
  assert.equal(await tab.textContent('#answer'), 'The photo is protected.');

  await tab.click('#photos >> text=Compare');
  const loaded = () => ['before', 'after'].every((id) => document.getElementById(id).naturalWidth === 800);
  await tab.waitForFunction(loaded);
  assert.match(await tab.textContent('#faces'), /^Face 1: protected\./);
  const captions = await tab.$eval('#compare', (shown) => ['::before', '::after'].map((side) => getComputedStyle(shown, side).content));
  assert.deepEqual(captions, ['"Original"', '"Saved photo"']);
  await tab.keyboard.press('Escape');

  const [download] = await Promise.all([tab.waitForEvent('download'), tab.click('#photos >> text=Download')]);
  assert.equal(download.suggestedFilename(), 'amber-neutral-protected.jpg');
  const file = `${folder}/amber.jpg`;
  await download.saveAs(file);
  assert.equal(verify(photo('amber-neutral.jpg'), file).status, 'protected');
  if (judges) {
    assert.equal(verify(photo('amber-neutral.jpg'), file, judges, 'insightface-y1,edgeface-xxs').status, 'protected');
  } else {
    t.diagnostic('LEFT OUT: ../shared is not there, so no judge was asked that the page does not hold');
  }

  const elsewhere = requests.filter((request) => !request.startsWith(server.address) && !request.startsWith('blob:'));
  assert.deepEqual(elsewhere, []);
  // By the page's policy, before any name is looked up; in its worker, too.
  const refused = [];
  tab.on('console', (message) => refused.push(message.text()));
  for (const place of [tab, tab.workers()[0]]) {
    assert.equal(await place.evaluate(() => fetch('https://example.org/').then(() => 'answered', () => 'refused')), 'refused');
  }
  const policy = (text) => text.includes('https://example.org/') && text.includes('Content Security Policy');
  await tab.waitForTimeout(500);
  assert.ok(refused.filter(policy).length >= 2, refused.join('\n'));
  await context.close();
});

test('a broken photo is named and stops no other, and all that is done comes as one file', async () => {
  const broken = `${folder}/broken.jpg`;
  writeFileSync(broken, readFileSync(photo('jonas-neutral.jpg')).subarray(0, 3000));
  const { context, tab } = await visit(browser, server.address);
  await choose(tab, [photo('jonas-neutral.jpg'), broken, photo('jonas-neutral.jpg')], 'subtle');
  await tab.click('#protect');
  await finished(tab);
  const [first, second, third] = await states(tab);
  assert.equal(second, 'failed');
  assert.match(await tab.textContent('#photos > li:nth-child(2) p'), /^It could not be protected: .+\.$/);
  for (const state of [first, third]) assert.ok(['protected', 'still-recognisable'].includes(state), state);

  const [download] = await Promise.all([tab.waitForEvent('download'), tab.click('#download-all')]);
  assert.equal(download.suggestedFilename(), 'visard.zip');
  await download.saveAs(`${folder}/all.zip`);
  const zip = readFileSync(`${folder}/all.zip`, 'latin1');
  const names = [...zip.matchAll(/PK\x01\x02[^]{42}(jonas-neutral-[\w-]+\.jpg)/g)].map((match) => match[1]);
  assert.equal(new Set(names).size, 2);
  await context.close();
});

test('somebody cancels, and the photo waits again', async () => {
  const { context, tab } = await visit(browser, server.address);
  await choose(tab, [photo('amber-neutral.jpg')]);
  await tab.click('#protect');
  await tab.waitForFunction(() => document.querySelector('#photos progress')?.value > 0);
  await tab.click('#cancel');
  await tab.waitForSelector('#protect:not([hidden])');
  assert.deepEqual(await states(tab), ['waiting']);
  await context.close();
});

test('a reload in the middle loses no more than the list, and is asked about before', async () => {
  const { context, tab } = await visit(browser, server.address);
  let asked = 0;
  tab.on('dialog', (dialog) => {
    asked += 1;
    void dialog.accept();
  });
  await choose(tab, [photo('amber-neutral.jpg')]);
  await tab.click('#protect');
  await tab.waitForFunction(() => document.querySelector('#photos progress')?.value > 0);
  await tab.reload();
  await ready(tab);
  assert.equal(asked, 1);
  assert.deepEqual(await states(tab), []);
  await context.close();
});

test('after the first visit it works without a connection', async () => {
  const { context, tab } = await visit(browser, server.address);
  await context.setOffline(true);
  await tab.reload();
  await ready(tab);
  assert.equal(await tab.evaluate(() => self.crossOriginIsolated), true);
  await context.close();
});

test('a server that sends no headers gets threads by the service worker', async () => {
  const types = { html: 'text/html', js: 'text/javascript', css: 'text/css', wasm: 'application/wasm', json: 'application/json' };
  const plain = createServer((request, response) => {
    const path = `${page}${request.url === '/' ? '/index.html' : request.url.split('?')[0]}`;
    if (!existsSync(path)) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': types[path.split('.').pop()] ?? 'application/octet-stream' });
    createReadStream(path).pipe(response);
  });
  await new Promise((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const { context, tab } = await visit(browser, `http://127.0.0.1:${plain.address().port}/`);
  await tab.waitForFunction(() => self.crossOriginIsolated);
  await ready(tab);
  assert.ok(Number(await tab.getAttribute('#engine-state', 'data-threads')) > 1);
  const refused = await tab.workers()[0].evaluate(() => fetch('https://example.org/').then(() => 'answered', (error) => String(error)));
  assert.match(refused, /TypeError/);
  await context.close();
  plain.close();
});
