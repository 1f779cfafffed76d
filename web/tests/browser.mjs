// A browser, the page as `visard page` serves it, and the photos that people who do not exist gave.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The program, whose networks judge what the page made. */
export const visard = process.env.VISARD ?? `${root}target/debug/visard`;
export const page = fileURLToPath(new URL('../dist', import.meta.url));
export const photo = (name) => `${root}examples/photos/${name}`;
/** Judges that the page does not hold; none where they are not there. */
export const judges = existsSync(`${root}../shared/models`) ? `${root}../shared/models` : undefined;

/** Serves the page; `stop` ends it. */
export async function serve() {
  const server = spawn(visard, ['page', page, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise((resolve, reject) => {
    server.stdout.once('data', (data) => resolve(String(data).trim()));
    server.once('exit', (code) => reject(new Error(`visard page ended with ${code}`)));
  });
  return { address: line, stop: () => server.kill() };
}

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

/** A visit in a browser profile of its own; `requests` are all addresses that were asked for in it. */
export async function visit(browser, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, ...options });
  const requests = [];
  context.on('request', (request) => requests.push(request.url()));
  const tab = await context.newPage();
  tab.setDefaultTimeout(300_000);
  await tab.goto(address);
  await ready(tab);
  return { context, tab, requests };
}

export const ready = (tab) => tab.waitForFunction(() => document.getElementById('engine-state').textContent.startsWith('Ready'));

export async function choose(tab, files, strength = 'standard') {
  await tab.setInputFiles('#choose', files);
  await tab.selectOption('#strength', strength);
}

/** Looking in every frame would have the browser draw without a pause, which takes a core. */
const RARELY = { polling: 200 };

export const states = (tab) => tab.$$eval('#photos > li', (rows) => rows.map((row) => row.dataset.state));

/** Waits until no photo is waiting or in work. */
export const finished = (tab) =>
  tab.waitForFunction(() => !document.querySelector('[data-state=waiting], [data-state=working]'), null, RARELY);

/** What `visard verify` says of a file that protects an original, by judges of a folder. */
export function verify(original, cloaked, models, names) {
  const asked = ['verify', '--original', original, '--cloaked', cloaked, '--json'];
  const more = models ? ['--models-dir', models, '--judges', names] : [];
  const { stdout, stderr } = spawnSync(visard, [...asked, ...more], { encoding: 'utf8' });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout);
}
