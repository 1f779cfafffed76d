// The engine in a thread of its own: the page never waits for it, and ends it where somebody cancels.

import { readable } from './avif';
import { fetchAll } from './fetching';
import type { Answer, Order } from './messages';
import { variant } from './variant';

/** What is built of `engine/`, for one kind of browser. */
interface Module {
  default: (source: { module_or_path: BufferSource }) => Promise<unknown>;
  /** Only where the build has threads. */
  initThreadPool?: (threads: number) => Promise<unknown>;
  threads: () => number;
  picture: (photo: Uint8Array, longest: number) => Uint8Array<ArrayBuffer>;
  Engine: new (networks: Uint8Array[], channel: string) => {
    protect(photo: Uint8Array, strength: string, hook: (done: number) => void): {
      file: Uint8Array<ArrayBuffer> | undefined;
      report: string;
    };
  };
}

/** Longest side of a picture that is only looked at. */
const LONGEST = 2048;

const say = (answer: Answer, transfer: Transferable[] = []) => self.postMessage(answer, { transfer });
const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function open() {
  const { folder, threads } = variant();
  const files = await fetchAll(folder, (done, all) => say({ kind: 'fetching', done, all }));
  const module = (await import(/* @vite-ignore */ new URL(`${folder}/visard_web.js`, self.location.href).href)) as Module;
  await module.default({ module_or_path: files.engine });
  await module.initThreadPool?.(threads);
  const engine = new module.Engine(files.networks, self.name);
  say({ kind: 'ready', threads: module.threads() });
  return { engine, module };
}

const opened = open();
opened.catch((error: unknown) => say({ kind: 'unreachable', reason: reason(error) }));

self.onmessage = async ({ data: order }: MessageEvent<Order>) => {
  try {
    const { engine, module } = await opened;
    const photo = await readable(order.photo);
    if (order.kind === 'picture') {
      const file = module.picture(photo, LONGEST);
      say({ kind: 'picture', file }, [file.buffer]);
    } else {
      const { file, report } = engine.protect(photo, order.strength, (done) => say({ kind: 'progress', done }));
      say({ kind: 'done', file, report }, file ? [file.buffer] : []);
    }
  } catch (error) {
    // After a trap the engine's memory cannot be trusted any more: the page starts it anew.
    if (error instanceof WebAssembly.RuntimeError) say({ kind: 'broken' });
    else say(order.kind === 'picture' ? { kind: 'picture', file: undefined } : { kind: 'failed', reason: reason(error) });
  }
};
