// The engine and its networks: fetched from where the page is, and kept by the service worker.

const NETWORKS = [
  'visard-detector',
  'visard-judge',
  'visard-inverted',
  'visard-narrow',
  'visard-hybrid',
  'visard-large-kernel',
];

export interface Files {
  engine: Uint8Array<ArrayBuffer>;
  networks: Uint8Array<ArrayBuffer>[];
}

/** Fetches all that a folder's engine needs; `hook` is told the bytes that came, of how many. */
export async function fetchAll(folder: string, hook: (done: number, all: number) => void): Promise<Files> {
  const paths = [`${folder}/visard_web_bg.wasm`, ...NETWORKS.map((name) => `../networks/${name}.onnx`)];
  const came = new Map<string, number>();
  const sizes = (await (await get('../sizes.json')).json()) as Record<string, number>;
  const all = paths.reduce((sum, path) => sum + (sizes[path.slice(3)] ?? 0), 0);
  const [engine, ...networks] = await Promise.all(
    paths.map(async (path) => {
      const file = await read(await get(path), (bytes) => {
        came.set(path, bytes);
        hook([...came.values()].reduce((sum, bytes) => sum + bytes, 0), all);
      });
      return file;
    }),
  );
  if (!engine) throw new Error('there is no engine');
  return { engine, networks };
}

async function get(path: string): Promise<Response> {
  const response = await fetch(new URL(path, self.location.href));
  if (!response.ok) throw new Error(`${path.slice(3)}: ${response.status}`);
  return response;
}

/** Reads an answer to its end. */
async function read(response: Response, hook: (bytes: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.body) return new Uint8Array(await response.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    length += part.value.length;
    hook(length);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
