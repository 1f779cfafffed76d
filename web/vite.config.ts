import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';

import { defineConfig, type Plugin } from 'vite';

const networks = ['judges', 'surrogates'].flatMap((folder) => {
  const models = `../models/${folder}`;
  return readdirSync(models).filter((name) => name.endsWith('.onnx')).map((name) => [name, `${models}/${name}`] as const);
});
const engines = readdirSync('public').filter((name) => name.startsWith('engine'));

/** The networks, how large they and the engines are (for the progress of the first visit), and the icons of the window. */
function files(): Plugin {
  return {
    name: 'visard-files',
    generateBundle() {
      const sizes: Record<string, number> = {};
      for (const [name, path] of networks) {
        const source = readFileSync(path);
        sizes[`networks/${name}`] = source.length;
        this.emitFile({ type: 'asset', fileName: `networks/${name}`, source });
      }
      for (const ending of ['png', 'svg']) {
        const source = readFileSync(`../gui/packaging/org.visard.Visard.${ending}`);
        this.emitFile({ type: 'asset', fileName: `icon.${ending}`, source });
      }
      for (const engine of engines) {
        const file = `${engine}/visard_web_bg.wasm`;
        sizes[file] = statSync(`public/${file}`).size;
      }
      this.emitFile({ type: 'asset', fileName: 'sizes.json', source: JSON.stringify(sizes) });
    },
  };
}

/** What browsers are to allow the page and its workers: the server says it too, and where that does not, the service worker. */
const policy = readFileSync('policy.txt', 'utf8').trim();

/** Names what is built, by what it is built of. */
function build(): string {
  const sum = createHash('sha256');
  const sources = readdirSync('src').map((name) => `src/${name}`);
  const wasm = engines.map((engine) => `public/${engine}/visard_web_bg.wasm`);
  for (const path of ['index.html', 'policy.txt', ...sources, ...wasm, ...networks.map(([, path]) => path)]) sum.update(readFileSync(path));
  return sum.digest('hex').slice(0, 12);
}

export default defineConfig({
  base: './',
  define: { __BUILD__: JSON.stringify(build()), __POLICY__: JSON.stringify(policy) },
  plugins: [files(), { name: 'visard-policy', transformIndexHtml: (html) => html.replace('%POLICY%', policy) }],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: { page: 'index.html', 'service-worker': 'src/service-worker.ts' },
      output: {
        // Its place is its scope.
        entryFileNames: (chunk) => (chunk.name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
